/**
 * A tab's line to its worker. A worker that dies (an uncaught error, a script that could not be
 * loaded) is started again, a few times; the tab then says everything anew by `onStarted`.
 */
import type { FromTab, ToTab } from './tabs/messages';

export interface WorkerLike {
  postMessage(message: FromTab): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<ToTab>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface LinkEvents {
  /** A worker runs: `start` and whatever it must know are to be posted. */
  onStarted(): void;
  onMessage(message: ToTab): void;
  onGivenUp(): void;
}

const RESTARTS_MAX = 4;
const RESTART_FIRST_MS = 500;

export class WorkerLink {
  private worker: WorkerLike | undefined;
  private restarts = 0;
  private stopped = false;

  constructor(
    private readonly create: () => WorkerLike,
    private readonly events: LinkEvents,
  ) {}

  start(): void {
    if (this.stopped) return;
    const worker = this.create();
    this.worker = worker;
    worker.onmessage = (event) => {
      if (this.worker === worker) this.events.onMessage(event.data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.worker === worker) this.restart();
    };
    this.events.onStarted();
  }

  post(message: FromTab): void {
    this.worker?.postMessage(message);
  }

  stop(): void {
    this.stopped = true;
    this.worker?.terminate();
    this.worker = undefined;
  }

  private restart(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.restarts += 1;
    if (this.restarts > RESTARTS_MAX) {
      this.events.onGivenUp();
      return;
    }
    setTimeout(() => this.start(), RESTART_FIRST_MS * 2 ** (this.restarts - 1));
  }
}
