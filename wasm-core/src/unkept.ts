/**
 * A tab's own copies of what was asked for and is not yet known to be kept: in `sessionStorage`,
 * which is written at once and survives the tab's crash and reload. The first step of "queued means
 * durable" (docs: storage). A copy goes when the core says `kept`.
 */
import type { Intent } from './core/commands';

interface Copy {
  readonly order: number;
  readonly intent: Intent;
}

export class UnkeptIntents {
  private order = 0;
  private readonly prefix: string;

  constructor(
    private readonly storage: Storage | undefined,
    userId: string,
  ) {
    this.prefix = `godwit.unkept.${userId}.`;
  }

  add(intent: Intent): void {
    this.order += 1;
    const copy: Copy = { order: this.order, intent };
    try {
      this.storage?.setItem(this.prefix + intent.tempId, JSON.stringify(copy));
    } catch {
      // Full or blocked: the leader's storage is then the only one to promise anything.
    }
  }

  drop(tempIds: readonly string[]): void {
    try {
      for (const tempId of tempIds) this.storage?.removeItem(this.prefix + tempId);
    } catch {
      // Blocked storage holds nothing.
    }
  }

  /** What an earlier life of this tab left, in the order it was asked for. */
  restore(): readonly Intent[] {
    const copies: Copy[] = [];
    for (const key of this.keys()) {
      try {
        copies.push(JSON.parse(this.storage?.getItem(key) ?? '') as Copy);
      } catch {
        this.storage?.removeItem(key); // cut off by a crash: nothing to say again
      }
    }
    copies.sort((a, b) => a.order - b.order);
    this.order = Math.max(this.order, copies.at(-1)?.order ?? 0);
    return copies.map((copy) => copy.intent);
  }

  clear(): void {
    for (const key of this.keys()) this.storage?.removeItem(key);
  }

  private keys(): readonly string[] {
    const keys: string[] = [];
    try {
      for (let i = 0; i < (this.storage?.length ?? 0); i += 1) {
        const key = this.storage?.key(i) ?? '';
        if (key.startsWith(this.prefix)) keys.push(key);
      }
    } catch {
      return [];
    }
    return keys;
  }
}
