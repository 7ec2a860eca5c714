/**
 * What signing out still has to delete here. Deleting takes a while, and the tab may die meanwhile: a
 * note in `localStorage` names the person before anything of theirs is removed, and goes once nothing is
 * left. The client that starts next finishes what it finds noted.
 */
import { isUserId } from './account';

const PREFIX = 'godwit.wiping.';

/** Deletes what is stored for a person; resolves to whether all of it is gone. */
export type Wipe = (userId: string) => Promise<boolean>;

/** The part of LockManager that is used here: `granted` gets null where the lock is not free. */
export interface FreeLocks {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    granted: (lock: object | null) => Promise<void>,
  ): Promise<void>;
}

export class WipeNotes {
  /** Without storage nothing is noted: there is nothing to delete either, or no way to remember it. */
  constructor(private readonly storage: Storage | undefined) {}

  add(userId: string): void {
    try {
      this.storage?.setItem(PREFIX + userId, '');
    } catch {
      // Full or blocked: the deletion that is about to begin is then the only one.
    }
  }

  drop(userId: string): void {
    try {
      this.storage?.removeItem(PREFIX + userId);
    } catch {
      // Blocked storage holds no note.
    }
  }

  userIds(): readonly string[] {
    const found: string[] = [];
    try {
      for (let i = 0; i < (this.storage?.length ?? 0); i += 1) {
        const key = this.storage?.key(i) ?? '';
        if (key.startsWith(PREFIX) && isUserId(key.slice(PREFIX.length))) found.push(key.slice(PREFIX.length));
      }
    } catch {
      return [];
    }
    return found;
  }

  /**
   * Deletes what is noted, and drops the notes of what is gone; any other is left to the next start.
   * Lasts as long as `wipe`; never rejects. `locks`: each person's leader holds the lock of that name, so
   * that nothing is deleted under one who has signed in again: where it is not free the note is left,
   * where it is, it counts what the note says by then.
   */
  async finish(wipe: Wipe, locks: FreeLocks | undefined, lockName: (userId: string) => string): Promise<void> {
    await Promise.all(this.userIds().map(async (userId) => {
      try {
        if (locks === undefined) await this.finishOne(wipe, userId);
        else {
          await locks.request(lockName(userId), { ifAvailable: true }, (lock) =>
            lock === null ? Promise.resolve() : this.finishOne(wipe, userId),
          );
        }
      } catch {
        // The note stands.
      }
    }));
  }

  private async finishOne(wipe: Wipe, userId: string): Promise<void> {
    if (this.userIds().includes(userId) && (await wipe(userId))) this.drop(userId);
  }
}
