/**
 * Web Locks, a BroadcastChannel and a clock without a browser, for workers that live in one process.
 * Messages are delivered in order, each in a turn of its own; `settle()` runs until nothing is left to
 * deliver. Time passes only by `advance()`. A tab that is frozen keeps its locks; nothing reaches it,
 * and its timers wait, until it is thawed. With `latencyMs` messages and requests for locks are on
 * their way for a while; between any two ends they keep their order.
 */
import type { HeldLock, Locks } from '../../src/tabs/leadership';
import type { Envelope } from '../../src/tabs/messages';
import type { Channel } from '../../src/tabs/peer';

interface Claim {
  readonly tab: string;
  readonly granted: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Timer {
  readonly tab: string;
  readonly atMs: number;
  readonly fire: () => void;
}

export class FakeBrowser {
  private readonly queues = new Map<string, Claim[]>();
  private readonly holders = new Map<string, Claim>();
  private readonly listeners = new Map<string, (envelope: Envelope) => void>();
  private readonly frozen = new Map<string, (() => void)[]>(); // what waits for the tab to be thawed
  private readonly crashed = new Set<string>();
  private readonly robberies = new Map<string, (() => void)[]>(); // kept from a tab until it may know
  private timers: Timer[] = [];
  nowMs = 0;
  /** What the channel loses: for gaps. */
  lose: (envelope: Envelope) => boolean = () => false;
  latencyMs: () => number = () => 0;
  private readonly arrivals = new Map<string, number>(); // by 'from>to': when the last message arrives
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
          const ask = (): void => this.onItsWay(tab, 'locks', () => this.ask(name, claim, options.steal === true, options.signal));
          if (this.delayed?.of(name)) this.delayed.claims.push(ask);
          else ask();
        }),
      query: async () => ({
        held: [...this.holders].map(([name, holder]): HeldLock => ({ name, clientId: `client of ${holder.tab}` })),
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
          if (other !== tab) this.onItsWay(tab, other, () => this.hear(other, copy));
        }
      },
      onMessage: (listener) => this.listeners.set(tab, listener),
      close: () => this.listeners.delete(tab),
    };
  }

  waitOf(tab: string): (ms: number) => Promise<void> {
    return (ms) =>
      new Promise((fire) => {
        this.timers.push({ tab, atMs: this.nowMs + ms, fire });
      });
  }

  /** Time passes for all, timer by timer. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const due = this.timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.timers.splice(this.timers.indexOf(due), 1);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      this.reach(due.tab, due.fire);
      await this.settle();
    }
    this.nowMs = untilMs;
    await this.settle();
  }

  /** The whole machine sleeps: time passes, and nothing runs in it. */
  async sleep(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.advance(0);
  }

  freeze(tab: string): void {
    this.frozen.set(tab, []);
  }

  /** What has reached it meanwhile comes first, in order. */
  async thaw(tab: string): Promise<void> {
    const waiting = this.frozen.get(tab) ?? [];
    this.frozen.delete(tab);
    for (const each of waiting) each();
    await this.settle();
  }

  /** That its lock was taken reaches the tab, once it is thawed, only when the returned function is called. */
  holdLockNews(tab: string): () => void {
    this.robberies.set(tab, []);
    return () => {
      const news = this.robberies.get(tab) ?? [];
      this.robberies.delete(tab);
      for (const each of news) each();
    };
  }

  /** The tab's process is gone: its locks pass on, and it hears nothing more. */
  crash(tab: string): void {
    this.crashed.add(tab);
    this.listeners.delete(tab);
    this.frozen.delete(tab);
    this.timers = this.timers.filter((timer) => timer.tab !== tab);
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

  /** Something happens to a tab: at once, or when it is thawed. */
  reach(tab: string, event: () => void): void {
    const waiting = this.frozen.get(tab);
    if (waiting === undefined) event();
    else waiting.push(event);
  }

  private hear(tab: string, envelope: Envelope): void {
    this.reach(tab, () => queueMicrotask(() => this.listeners.get(tab)?.(envelope)));
  }

  private onItsWay(from: string, to: string, arrive: () => void): void {
    const latencyMs = this.latencyMs();
    if (latencyMs === 0) return arrive();
    const way = `${from}>${to}`;
    const atMs = Math.max(this.arrivals.get(way) ?? 0, this.nowMs + latencyMs);
    this.arrivals.set(way, atMs);
    // What is under way belongs to the browser: its sender may crash meanwhile.
    this.timers.push({ tab: 'the browser', atMs, fire: arrive });
  }

  private ask(name: string, claim: Claim, steal: boolean, signal: AbortSignal | undefined): void {
    if (signal?.aborted === true || this.crashed.has(claim.tab)) return;
    const queue = this.queues.get(name) ?? [];
    this.queues.set(name, queue);
    if (steal) {
      const robbed = this.holders.get(name);
      if (robbed !== undefined) this.reach(robbed.tab, () => this.tellRobbed(robbed));
      this.holders.delete(name);
      queue.unshift(claim);
    } else {
      queue.push(claim);
    }
    void this.grant(name);
  }

  private tellRobbed({ tab, reject }: Claim): void {
    const held = this.robberies.get(tab);
    const tell = (): void => reject(new Error('AbortError'));
    if (held === undefined) tell();
    else held.push(tell);
  }

  private async grant(name: string): Promise<void> {
    await Promise.resolve();
    if (this.holders.has(name)) return;
    const claim = this.queues.get(name)?.shift();
    if (claim === undefined) return;
    this.holders.set(name, claim);
    const run = (): Promise<void> => claim.granted();
    await new Promise<void>((resolve) => this.reach(claim.tab, () => void run().then(resolve)));
    if (this.holders.get(name) !== claim) return;
    this.holders.delete(name);
    claim.resolve();
    void this.grant(name);
  }
}

declare function setImmediate(callback: (value?: unknown) => void): void;
