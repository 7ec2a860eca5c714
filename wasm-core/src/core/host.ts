/**
 * Runs one instance of the core: loads it from storage, hands it what happens, and carries out what
 * it asks for. Decides nothing: when to connect, poll, send, save or give up is the core's.
 *
 * An instance that stops itself (`CoreStopped`) is disposed at once and reported by `onStopped`; it is
 * never called again. Nothing is called back after `dispose()`.
 */
import type { Account } from '../account';
import { CoreAbi, CoreStopped, REST, type CallResult, type Clock, type Effect } from './abi';
import type { CoreCommand } from './commands';
import type { LoadReport, MountPath, StartingModule } from './module';
import { CoreStorage, type MemoryReason } from './storage';

/** The part of a WebSocket that the core needs. */
export interface Socket {
  send(text: string): void;
  close(code: number): void;
}

export interface SocketEvents {
  onOpen(): void;
  onText(text: string): void;
  onClose(code: number, reason: string): void;
}

/** The network as the host sees it; tests put their own in its place. */
export interface Network {
  openSocket(events: SocketEvents): Socket;
  /** Resolves with status 0 when no answer could be had. Never rejects. */
  request(method: string, path: string, body: unknown): Promise<{ status: number; body: Uint8Array }>;
}

export interface HostEvents {
  onView(view: number, json: string): void;
  onKept(tempIds: readonly string[]): void;
  onSessionEnded(): void;
  onOutdated(): void;
  onReport(json: string): void;
  /** Another instance leads now: this one's saves are refused. */
  onFenced(): void;
  /** What was stored here is not there any more; `onFenced` follows. */
  onStorageGone(): void;
  onStopped(error: CoreStopped): void;
}

export interface HostParts {
  readonly module: StartingModule;
  readonly account: Account;
  readonly coreVersion: string;
  readonly network: Network;
  readonly clock: Clock;
  readonly events: HostEvents;
  /** Told when a phase of the start has ended. */
  mark(phase: string): void;
  /** Why nothing can be kept here, where that is known already. */
  readonly memoryReason: MemoryReason | undefined;
  /** Why nothing can be kept here; undefined: storage works. Asked where opening it fails, or lasts. */
  probe(): Promise<MemoryReason | undefined>;
  readonly seed: readonly [low: number, high: number];
}

const TIMER_MS_MAX = 2_000_000_000; // setTimeout wraps at 2^31
const FLUSH_MS_MAX = 1_000;
const OPEN_MS_PATIENT = 1_000;

/** What `promise` resolves to; undefined where it has not after `ms`. */
async function firstOf<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}

export class CoreHost {
  private abi!: CoreAbi; // from `start` on, before which nothing is called
  private readonly storage: CoreStorage;
  private socket: Socket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private disposed = false;
  private readonly saving = new Set<Promise<void>>();
  /** True while the core keeps what it is told on this device. */
  private keeping = false;
  private historyAsked = false;

  constructor(private readonly parts: HostParts) {
    this.storage = new CoreStorage(parts.module.storage, parts.account.userId, () => this.storageGone());
  }

  /** Leadership's number as far as storage knows it; 0 in memory mode. */
  get term(): number {
    return this.storage.term('/q');
  }

  get durable(): boolean {
    return this.keeping;
  }

  /**
   * Loads the queue and what the first picture needs, while the module is compiled, and starts the
   * core. A mount that cannot be loaded is never written: the core is told to run in memory, and says
   * so. Rejects where there is no module to be had.
   */
  async start(): Promise<void> {
    const { account, coreVersion, seed, clock, mark } = this.parts;
    const opened = this.openStorage();
    this.abi = new CoreAbi(await this.parts.module.ready, clock);
    this.abi.init(seed[0], seed[1]);
    mark('compiled');
    const unopened = await opened;
    mark('opened');
    const reason = unopened ?? this.takeFirst();
    if (this.disposed) return;
    this.keeping = reason === undefined;
    if (reason !== undefined) {
      this.storage.close();
      this.run(() => this.abi.storageUnavailable(reason));
    }
    this.run(() =>
      this.abi.command({
        t: 'start',
        userId: account.userId,
        username: account.username,
        displayName: account.displayName,
        deviceId: account.deviceId,
        coreVersion,
        term: this.term,
      }),
    );
  }

  /**
   * Loads the history, the latest first and a little at a time, so that nothing else waits for it: it
   * may be long and is not needed for the first picture. Once; without it the core goes on.
   */
  async loadHistory(): Promise<void> {
    if (this.historyAsked || this.disposed || !this.keeping) return;
    this.historyAsked = true;
    this.parts.mark('history begins');
    try {
      const report = await this.storage.openInParts('/c', (last) => {
        this.run(() => this.abi.load('/c', last ? REST.none : REST.follows));
        return !this.disposed;
      });
      this.noteUnreadable('/c', report);
      this.parts.mark('history loaded');
    } catch (error) {
      this.loadFailed('/c', error);
      this.run(() => this.abi.load('/c', REST.lost));
      if (error instanceof Error && error.name === 'Fenced' && !this.disposed) this.parts.events.onFenced();
    }
  }

  /** Returns the core's status: 0, or why it refused (then nothing has changed). */
  command(command: CoreCommand): number {
    return this.run(() => this.abi.command(command));
  }

  network(online: boolean): void {
    this.run(() => this.abi.network(online));
  }

  /** A report for `godwit replay`; empty once the instance has stopped. */
  trace(): Uint8Array<ArrayBuffer> {
    if (this.disposed) return new Uint8Array(0);
    try {
      return this.abi.trace();
    } catch (error) {
      this.stopped(error);
      return new Uint8Array(0);
    }
  }

  /** Writes what is due and waits for it, at most a second: the page may be frozen or gone soon. */
  async flush(): Promise<void> {
    this.command({ t: 'flush' });
    await firstOf(Promise.all(this.saving), FLUSH_MS_MAX);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    clearTimeout(this.timer);
    this.socket?.close(1000);
    this.socket = undefined;
    this.storage.close();
  }

  /** What this core calls kept is not: the next one starts from what is there. */
  private storageGone(): void {
    if (this.disposed) return;
    this.report({ event: 'storage_gone' });
    this.parts.events.onStorageGone();
    this.parts.events.onFenced();
  }

  /** Opens what comes first: with the fence raised and the files read, storage has shown that it works. */
  private async openStorage(): Promise<MemoryReason | undefined> {
    const { memoryReason, probe } = this.parts;
    if (memoryReason !== undefined) return memoryReason;
    const both = Promise.all([this.open('/q'), this.open('/h')]).then((opened) => opened.every(Boolean));
    const inTime = await firstOf(both, OPEN_MS_PATIENT);
    if (inTime === true) return undefined;
    // What is open before the probe has ended was only slow, whatever the probe would say.
    const opens = both.then((opened) => (opened ? undefined : new Promise<never>(() => undefined)));
    const probed = probe().then(async (reason) => reason ?? ((await both) ? undefined : 'failed'));
    return Promise.race([opens, probed]);
  }

  private async open(mount: MountPath): Promise<boolean> {
    try {
      this.noteUnreadable(mount, await this.storage.open(mount));
      return true;
    } catch (error) {
      this.loadFailed(mount, error);
      return false;
    }
  }

  private takeFirst(): MemoryReason | undefined {
    const taken = (['/q', '/h'] as const).every((mount) => this.run(() => this.abi.load(mount)) === 0);
    return taken ? undefined : 'failed';
  }

  private noteUnreadable(mount: MountPath, { unreadable }: LoadReport): void {
    if (unreadable.length > 0) this.report({ event: 'storage_unreadable', mount, files: unreadable.length });
  }

  private loadFailed(mount: MountPath, error: unknown): void {
    this.report({ event: 'storage_load_failed', mount, error: error instanceof Error ? error.name : 'Error' });
  }

  private report(fields: Readonly<Record<string, string | number>>): void {
    if (!this.disposed) this.parts.events.onReport(JSON.stringify(fields));
  }

  private run(call: () => CallResult): number {
    if (this.disposed) return 0;
    let result: CallResult;
    try {
      result = call();
    } catch (error) {
      this.stopped(error);
      return 0;
    }
    for (const effect of result.effects) this.carryOut(effect);
    this.setTimer(result.deadlineMs);
    return result.status;
  }

  private stopped(error: unknown): void {
    this.dispose();
    this.parts.events.onStopped(error instanceof CoreStopped ? error : new CoreStopped(error));
  }

  private setTimer(deadlineMs: number): void {
    clearTimeout(this.timer);
    if (this.disposed || deadlineMs < 0) return;
    const waitMs = Math.min(Math.max(deadlineMs - this.parts.clock.nowMs(), 0), TIMER_MS_MAX);
    this.timer = setTimeout(() => this.run(() => this.abi.deadline()), Math.ceil(waitMs));
  }

  private carryOut(effect: Effect): void {
    const { events } = this.parts;
    if (this.disposed) return;
    switch (effect.kind) {
      case 'connect':
        return this.connect();
      case 'disconnect':
        return this.disconnect(effect.code);
      case 'sendFrame':
        this.socket?.send(effect.text);
        return;
      case 'httpRequest':
        void this.request(effect.id, effect.method, effect.path, effect.body);
        return;
      case 'persist':
        return this.persist(effect.batch, effect.mount, effect.puts, effect.deletes);
      case 'view':
        return events.onView(effect.view, effect.json);
      case 'kept':
        return events.onKept(effect.tempIds);
      case 'sessionEnded':
        return events.onSessionEnded();
      case 'outdated':
        return events.onOutdated();
      case 'report':
        return events.onReport(effect.json);
      case 'wiped':
        return events.onReport('{"event":"wiped"}');
    }
  }

  private connect(): void {
    this.socket?.close(1000);
    let open = false;
    const socket = this.parts.network.openSocket({
      onOpen: () => {
        if (this.socket !== socket) return;
        open = true;
        this.run(() => this.abi.socketOpen());
      },
      onText: (text) => {
        if (this.socket === socket) this.run(() => this.abi.frame(text));
      },
      onClose: (code, reason) => {
        if (this.socket !== socket) return;
        this.socket = undefined;
        this.run(() => this.abi.socketClosed(code, !open, reason));
      },
    });
    this.socket = socket;
  }

  /** The core hears of the end at once: a browser may take a minute to close a dead connection. */
  private disconnect(code: number): void {
    const { socket } = this;
    if (socket === undefined) return;
    this.socket = undefined;
    socket.close(code);
    queueMicrotask(() => this.run(() => this.abi.socketClosed(code, false, '')));
  }

  private async request(id: number, method: string, path: string, body: unknown): Promise<void> {
    const answer = await this.parts.network.request(method, path, body);
    this.run(() => this.abi.httpResponse(id, answer.status, answer.body));
  }

  private persist(batch: number, mount: MountPath, puts: readonly string[], deletes: readonly string[]): void {
    // persistBatch copies the contents before it returns, in this very turn.
    const saved = this.storage.persist(mount, puts, deletes).then(
      () => void this.run(() => this.abi.batchDone(batch, true, false)),
      (error: Error) => {
        const fenced = error.name === 'Fenced';
        this.report({ event: 'save_failed', mount, error: error.name });
        this.run(() => this.abi.batchDone(batch, false, fenced));
        if (fenced && !this.disposed) this.parts.events.onFenced();
      },
    );
    this.saving.add(saved);
    void saved.finally(() => this.saving.delete(saved));
  }
}
