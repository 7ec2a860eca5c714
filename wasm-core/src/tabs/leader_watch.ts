/**
 * A follower's watch over the leader. A leader that crashes or closes loses its lock by itself; one that
 * is frozen (by the browser, or with the machine's memory swapped out) keeps it and serves nobody. The
 * watch pings whoever holds the place; when pings stay unanswered it asks to take the place over.
 *
 * Pings are answered by an event, not by a timer, so that a leader whose timers are throttled in a
 * background tab answers as quickly as any. Time counts only while this worker itself ran: a machine
 * that sleeps stops both ends, so a ping that slept is no sign of anything.
 *
 * Whoever takes over becomes more patient for a while. Else two visible tabs whose cores need longer
 * than this for one step would take the place from each other for ever.
 */

export interface WatchParts {
  /** Asks whoever holds the place for a sign of life. */
  ping(): void;
  takeOver(): void;
  wait(ms: number): Promise<void>;
  nowMs(): number;
  /** In [0, 1). */
  random(): number;
}

const PING_EVERY_MS = 500;
const PINGS_UNANSWERED_MAX = 4;
/** Two followers that watch the same leader rarely take over at once. */
const SPREAD_MS_MAX = 500;
const PATIENCE_PINGS_MAX = 64;
const PATIENT_FOR_MS = 60_000;

export class LeaderWatch {
  private round = 0; // of the present watch; an older one ends at its next turn
  private running = false;
  private unanswered = 0;
  private patience = PINGS_UNANSWERED_MAX;
  private tookOverAtMs: number | undefined;

  constructor(private readonly parts: WatchParts) {}

  /** No effect while it watches already. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.round += 1;
    this.unanswered = 0;
    void this.run(this.round);
  }

  stop(): void {
    this.running = false;
    this.round += 1;
  }

  /** Whoever holds the place has answered. */
  heard(): void {
    this.unanswered = 0;
  }

  private async run(round: number): Promise<void> {
    while (round === this.round) {
      this.unanswered += 1;
      this.parts.ping();
      await this.pause(PING_EVERY_MS);
      if (this.unanswered < this.patienceNow()) continue;
      await this.pause(this.parts.random() * SPREAD_MS_MAX);
      if (round !== this.round || this.unanswered < this.patienceNow()) continue;
      this.tookOverAtMs = this.parts.nowMs();
      this.patience = Math.min(this.patience * 2, PATIENCE_PINGS_MAX);
      this.unanswered = 0;
      this.parts.takeOver();
    }
  }

  /** A pause that took much longer than it should was a sleep, of the machine or of this worker. */
  private async pause(ms: number): Promise<void> {
    const startedAtMs = this.parts.nowMs();
    await this.parts.wait(ms);
    if (this.parts.nowMs() - startedAtMs > ms + PING_EVERY_MS) this.unanswered = Math.max(0, this.unanswered - 1);
  }

  private patienceNow(): number {
    if (this.tookOverAtMs !== undefined && this.parts.nowMs() - this.tookOverAtMs > PATIENT_FOR_MS) {
      this.tookOverAtMs = undefined;
      this.patience = PINGS_UNANSWERED_MAX;
    }
    return this.patience;
  }
}
