/**
 * One signed-in person in one tab: its worker, its copies of what is not kept yet, and its views.
 * Made at sign-in, ended at sign-out or when another person signs in.
 */
import type { Account } from './account';
import { isIntent, type TabCommand } from './core/commands';
import type { ToTab } from './tabs/messages';
import { UnkeptIntents } from './unkept';
import type { ViewPort } from './views';
import { WorkerLink, type WorkerLike } from './worker_link';

export interface SeatEvents {
  onView(view: number, json: string): void;
  onOlderDone(requestId: number): void;
  onLeading(leading: boolean): void;
  onSessionEnded(): void;
  onUpdateWaiting(): void;
  /** Another tab signed out: everything local is gone. */
  onSignedOut(): void;
  onHalted(): void;
  /** What was stored here is gone, and with it what the views show. */
  onForgotten(): void;
  onReport(json: string): void;
  /** The first message is durably queued or sent: a good moment to ask for lasting storage. */
  onFirstKept(): void;
}

export interface SeatParts {
  readonly account: Account;
  readonly origin: string;
  readonly version: string;
  readonly session: Storage | undefined;
  readonly createWorker: () => WorkerLike;
  readonly events: SeatEvents;
  /** Opens every view of the tab; called whenever a worker has started. */
  readonly openViews: () => void;
}

/** Calls back once what stands in the document has been drawn. */
function afterFrame(call: () => void): void {
  requestAnimationFrame(() => setTimeout(call, 0));
}

const END_MS_MAX = 5_000;
const TRACE_MS_MAX = 20_000;

export class Seat implements ViewPort {
  private readonly link: WorkerLink;
  private readonly unkept: UnkeptIntents;
  private visible = false;
  private sent = new Set<string>(); // tempIds of messages, until the first is kept
  private ended: ((wiped: boolean) => void) | undefined;
  private over = false;
  private readonly traces = new Map<number, (bytes: Uint8Array<ArrayBuffer>) => void>();
  private nextTrace = 1;

  constructor(private readonly parts: SeatParts) {
    this.unkept = new UnkeptIntents(parts.session, parts.account.userId);
    this.link = new WorkerLink(parts.createWorker, {
      onStarted: () => this.tellAll(),
      onMessage: (message) => this.receive(message),
      onGivenUp: () => parts.events.onHalted(),
    });
  }

  get account(): Account {
    return this.parts.account;
  }

  start(): void {
    this.link.start();
  }

  command(command: TabCommand): void {
    if (this.over) return;
    if (isIntent(command)) {
      this.unkept.add(command); // first of all: it survives this tab
      if (command.t === 'send') this.sent.add(command.tempId);
    }
    this.link.post({ t: 'command', command });
  }

  open(...[view, kind, chatId]: Parameters<ViewPort['open']>): void {
    this.link.post(chatId === undefined ? { t: 'open', view, kind } : { t: 'open', view, kind, chatId });
  }
  close(view: number): void {
    this.link.post({ t: 'close', view });
  }
  older(view: number, requestId: number): void {
    this.link.post({ t: 'older', view, requestId });
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.link.post({ t: 'visible', visible });
  }
  networkChanged(online: boolean): void {
    this.link.post({ t: 'network', online });
  }
  suspend(): void {
    this.link.post({ t: 'suspend' });
  }
  resume(): void {
    this.link.post({ t: 'resume' });
  }

  /** Asks the core that leads; rejects where none answers. */
  trace(): Promise<Uint8Array<ArrayBuffer>> {
    const requestId = this.nextTrace;
    this.nextTrace += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.traces.delete(requestId);
        reject(new Error('no core answers'));
      }, TRACE_MS_MAX);
      this.traces.set(requestId, (bytes) => {
        this.traces.delete(requestId);
        clearTimeout(timer);
        if (bytes.length > 0) resolve(bytes);
        else reject(new Error('the core has stopped'));
      });
      this.link.post({ t: 'askTrace', requestId });
    });
  }

  /**
   * Resolves when the worker is gone, and with `wipe` to whether everything local is deleted, on all
   * tabs. Lasts five seconds at most.
   */
  async end(wipe: boolean): Promise<boolean> {
    if (this.over) return false;
    this.over = true;
    if (wipe) this.unkept.clear();
    const done = new Promise<boolean>((resolve) => {
      this.ended = resolve;
      setTimeout(() => resolve(false), END_MS_MAX);
    });
    this.link.post({ t: 'end', wipe });
    const wiped = await done;
    this.link.stop();
    return wiped;
  }

  private tellAll(): void {
    const { account, origin, version } = this.parts;
    this.link.post({ t: 'start', account, origin, version });
    this.link.post({ t: 'visible', visible: this.visible });
    for (const command of this.unkept.restore()) this.link.post({ t: 'command', command });
    this.parts.openViews();
  }

  private receive(message: ToTab): void {
    const { events } = this.parts;
    if (message.t === 'ended') {
      this.ended?.(message.wiped);
      return;
    }
    if (this.over) return;
    switch (message.t) {
      case 'view':
        return events.onView(message.view, message.json);
      case 'kept':
        return this.kept(message.tempIds);
      case 'olderDone':
        return events.onOlderDone(message.requestId);
      case 'trace':
        return this.traces.get(message.requestId)?.(message.bytes);
      case 'draw':
        return afterFrame(() => this.link.post({ t: 'drawn' }));
      case 'role':
        return events.onLeading(message.leading);
      case 'sessionEnded':
        return events.onSessionEnded();
      case 'outdated':
        return events.onUpdateWaiting();
      case 'signedOut':
        this.over = true;
        this.unkept.clear();
        this.link.stop();
        return events.onSignedOut();
      case 'halted':
        return events.onHalted();
      case 'forgotten':
        return events.onForgotten();
      case 'report':
        return events.onReport(message.json);
    }
  }

  private kept(tempIds: readonly string[]): void {
    this.unkept.drop(tempIds);
    if (tempIds.some((tempId) => this.sent.has(tempId))) this.parts.events.onFirstKept();
    for (const tempId of tempIds) this.sent.delete(tempId);
  }
}
