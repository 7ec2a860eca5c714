/**
 * One leader per account and browser, by a Web Lock. The lock passes by itself when its holder
 * closes, crashes or releases. It can also be lost (stolen by another tab, or the browser's storage
 * was cleared): that is a loss of leadership like any other. What makes a leader that does not know
 * yet harmless is not this lock but the fence in storage.
 *
 * A holder that is frozen keeps its lock. Whoever finds that out (by pings over the channel, counted
 * by its own clock) takes the place by `take({ steal: true })`; deciding when to is not done here.
 */

export interface Locks {
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    granted: () => Promise<void>,
  ): Promise<void>;
}

export interface LeadershipEvents {
  onGranted(): void;
  /** The lock was ours and is not any more, without our doing. */
  onLost(): void;
}

export class Leadership {
  private waiting: AbortController | undefined;
  private releaseHeld: (() => void) | undefined;

  constructor(
    private readonly locks: Locks,
    private readonly name: string,
    private readonly events: LeadershipEvents,
  ) {}

  get held(): boolean {
    return this.releaseHeld !== undefined;
  }

  /** Asks for the place and waits in line for it. No effect while waiting or holding. */
  take(options: { readonly steal?: boolean } = {}): void {
    if (this.waiting !== undefined || this.held) return;
    const waiting = new AbortController();
    this.waiting = waiting;
    // `steal` and `signal` exclude each other.
    const request = options.steal ? { steal: true } : { signal: waiting.signal };
    this.locks
      .request(this.name, request, () => {
        if (waiting.signal.aborted) return Promise.resolve();
        this.waiting = undefined;
        return new Promise<void>((resolve) => {
          this.releaseHeld = resolve;
          this.events.onGranted();
        });
      })
      .then(
        () => undefined,
        () => this.ended(waiting),
      );
  }

  /** Gives the place away, or leaves the line. */
  release(): void {
    const release = this.releaseHeld;
    this.releaseHeld = undefined;
    this.waiting?.abort();
    this.waiting = undefined;
    release?.();
  }

  private ended(request: AbortController): void {
    if (this.waiting === request) this.waiting = undefined;
    if (request.signal.aborted || !this.held) return;
    this.releaseHeld = undefined;
    this.events.onLost();
  }
}
