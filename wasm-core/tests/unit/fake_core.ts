/**
 * A core that only remembers: messages by chat, shown by numbered patches, kept by a disk that
 * several of them may share, as IndexedDB is shared by the tabs of a browser.
 */
import type { TabCommand, HostCommand, ViewKind } from '../../src/core/commands';
import type { CoreEvents, LeadingCore } from '../../src/tabs/peer';

export class FakeDisk {
  term = 0;
  readonly texts: string[] = [];
  readonly tempIds = new Set<string>();
}

export class FakeCore implements LeadingCore {
  readonly term: number;
  readonly commands: (TabCommand | HostCommand)[] = [];
  disposed = false;
  flushed = 0;
  refuse = 0;
  private readonly views = new Map<number, ViewKind>();

  constructor(
    private readonly disk: FakeDisk,
    readonly events: CoreEvents,
  ) {
    disk.term += 1;
    this.term = disk.term;
  }

  command(command: TabCommand | HostCommand): number {
    if (this.disposed) throw new Error('a disposed core was called');
    this.commands.push(command);
    if (this.refuse !== 0 && command.t === 'send') return this.refuse;
    if (command.t === 'open') {
      this.views.set(command.view, command.kind);
      this.show(command.view, { reset: true, splice: [0, 0, [...this.disk.texts]] });
    } else if (command.t === 'close') {
      this.views.delete(command.view);
    } else if (command.t === 'send') {
      this.send(command.tempId, command.text);
    }
    return 0;
  }

  keep(tempIds: readonly string[]): void {
    this.events.onKept(tempIds);
  }
  trace(): Uint8Array<ArrayBuffer> {
    return Uint8Array.of(1, 2, 3);
  }
  network(): void {}
  flush(): Promise<void> {
    this.flushed += 1;
    return Promise.resolve();
  }
  dispose(): void {
    this.disposed = true;
  }
  openViews(): number {
    return this.views.size;
  }

  /** A save of an older term is refused, as storage's fence does. */
  private send(tempId: string, text: string): void {
    if (this.disk.term !== this.term) return void queueMicrotask(() => this.events.onFenced());
    if (this.disk.tempIds.has(tempId)) return;
    this.disk.tempIds.add(tempId);
    this.disk.texts.push(text);
    const at = this.disk.texts.length - 1;
    for (const view of this.views.keys()) this.show(view, { splice: [at, 0, [text]] });
  }

  private show(view: number, patch: object): void {
    this.events.onView(view, JSON.stringify(patch));
  }
}
