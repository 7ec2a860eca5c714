/**
 * One leader per account and browser, by a Web Lock. The lock passes by itself when its holder
 * closes, crashes or releases. It can also be lost (taken over by another tab, or the browser's storage
 * was cleared): that is a loss of leadership like any other. What makes a leader that does not know
 * yet harmless is not this lock but the fence in storage.
 *
 * A holder that is frozen keeps its lock. Whoever finds that out takes the place by `takeOver`; deciding
 * when to is LeaderWatch's.
 */

export interface HeldLock {
  readonly name?: string;
  readonly clientId?: string;
}

export interface Locks {
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    granted: () => Promise<void>,
  ): Promise<void>;
  query(): Promise<{ readonly held?: readonly HeldLock[] }>;
}

/** The lock that the leader of this account holds. */
export const leaderLock = (userId: string): string => `core:${userId}`;

export interface LeadershipEvents {
  onGranted(): void;
  /** The lock was ours and is not any more, without our doing. */
  onLost(): void;
}

export class Leadership {
  private waiting: AbortController | undefined;
  private holding: { readonly request: AbortController; readonly release: () => void } | undefined;

  constructor(
    private readonly locks: Locks,
    private readonly name: string,
    private readonly events: LeadershipEvents,
  ) {}

  /** As far as this worker has been told. One that has just woken up may be told otherwise soon. */
  get held(): boolean {
    return this.holding !== undefined;
  }

  /** Asks for the place and waits in line for it. No effect while waiting or holding. */
  take(): void {
    if (this.waiting === undefined && !this.held) this.ask(false);
  }

  /** Takes the place from whoever holds it. No effect while holding. */
  takeOver(): void {
    if (this.held) return;
    this.waiting?.abort();
    this.ask(true);
  }

  /** Gives the place away, or leaves the line. */
  release(): void {
    const { holding } = this;
    this.holding = undefined;
    this.waiting?.abort();
    this.waiting = undefined;
    holding?.release();
  }

  /**
   * Whether the place is really ours, by the browser's own word: `ownLock` names a lock that only this
   * worker holds, and the place must be held by the same client.
   */
  async confirm(ownLock: string): Promise<boolean> {
    if (!this.held) return false;
    const { held = [] } = await this.locks.query().catch(() => ({ held: [] }));
    const holder = (name: string): string | undefined => held.find((lock) => lock.name === name)?.clientId;
    const client = holder(this.name);
    return this.held && client !== undefined && client === holder(ownLock);
  }

  private ask(steal: boolean): void {
    const request = new AbortController();
    this.waiting = request;
    // `steal` and `signal` exclude each other.
    this.locks
      .request(this.name, steal ? { steal } : { signal: request.signal }, () => {
        if (request.signal.aborted) return Promise.resolve();
        this.waiting = undefined;
        return new Promise<void>((release) => {
          this.holding = { request, release };
          this.events.onGranted();
        });
      })
      .then(
        () => undefined,
        () => this.ended(request),
      );
  }

  private ended(request: AbortController): void {
    if (this.waiting === request) this.waiting = undefined;
    if (this.holding?.request !== request) return;
    this.holding = undefined;
    this.events.onLost();
  }
}
