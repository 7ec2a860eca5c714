/**
 * Web Locks and a BroadcastChannel without a browser, for workers that live in one process. Messages
 * are delivered in order, each in a turn of its own; `settle()` runs until nothing is left to deliver.
 */
import type { Locks } from '../../src/tabs/leadership';
import type { Envelope } from '../../src/tabs/messages';
import type { Channel } from '../../src/tabs/peer';

interface Claim {
  readonly tab: string;
  readonly granted: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class FakeBrowser {
  private readonly queues = new Map<string, Claim[]>();
  private readonly holders = new Map<string, Claim>();
  private readonly listeners = new Map<string, (envelope: Envelope) => void>();
  /** What the channel loses: for gaps. */
  lose: (envelope: Envelope) => boolean = () => false;
  readonly sent: Envelope[] = [];
  private delayed: { readonly of: (name: string) => boolean; readonly claims: (() => void)[] } | undefined;

  locksOf(tab: string): Locks {
    return {
      request: (name, options, granted) =>
        new Promise<void>((resolve, reject) => {
          const claim: Claim = { tab, granted, resolve, reject };
          const queue = this.queues.get(name) ?? [];
          this.queues.set(name, queue);
          options.signal?.addEventListener('abort', () => {
            const at = queue.indexOf(claim);
            if (at >= 0) queue.splice(at, 1);
            reject(new Error('AbortError'));
          });
          const ask = (): void => this.ask(name, claim, options.steal === true);
          if (this.delayed?.of(name)) this.delayed.claims.push(ask);
          else ask();
        }),
    };
  }

  /** The next request for such a lock is on its way until the returned function is called. */
  delayLocks(of: (name: string) => boolean): () => void {
    const delayed = { of: (name: string) => of(name) && delayed.claims.length === 0, claims: [] as (() => void)[] };
    this.delayed = delayed;
    return () => {
      this.delayed = undefined;
      for (const ask of delayed.claims) ask();
    };
  }

  channelOf(tab: string): Channel {
    return {
      post: (envelope) => {
        this.sent.push(envelope);
        if (this.lose(envelope)) return;
        const copy = structuredClone(envelope);
        for (const other of [...this.listeners.keys()]) {
          if (other !== tab) queueMicrotask(() => this.listeners.get(other)?.(copy));
        }
      },
      onMessage: (listener) => this.listeners.set(tab, listener),
      close: () => this.listeners.delete(tab),
    };
  }

  /** The tab's process is gone: its locks pass on, and it hears nothing more. */
  crash(tab: string): void {
    this.listeners.delete(tab);
    for (const queue of this.queues.values()) {
      for (let i = queue.length - 1; i >= 0; i -= 1) if (queue[i]?.tab === tab) queue.splice(i, 1);
    }
    for (const [name, holder] of [...this.holders]) {
      if (holder.tab === tab) {
        this.holders.delete(name);
        void this.grant(name);
      }
    }
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  private ask(name: string, claim: Claim, steal: boolean): void {
    const queue = this.queues.get(name) ?? [];
    this.queues.set(name, queue);
    if (steal) {
      this.holders.get(name)?.reject(new Error('AbortError'));
      this.holders.delete(name);
      queue.unshift(claim);
    } else {
      queue.push(claim);
    }
    void this.grant(name);
  }

  private async grant(name: string): Promise<void> {
    await Promise.resolve();
    if (this.holders.has(name)) return;
    const claim = this.queues.get(name)?.shift();
    if (claim === undefined) return;
    this.holders.set(name, claim);
    await claim.granted();
    if (this.holders.get(name) !== claim) return;
    this.holders.delete(name);
    claim.resolve();
    void this.grant(name);
  }
}

declare function setImmediate(callback: (value?: unknown) => void): void;
