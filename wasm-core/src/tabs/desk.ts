/**
 * The leader's desk: serves every tab, its own among them, from the one core. Each open view of a tab
 * is a view of the core; the desk keeps no copy of what they show. To send a snapshot again it opens
 * the view anew in the core.
 */
import type { HostCommand, TabCommand } from '../core/commands';
import { isIntent } from '../core/commands';
import type { ToFollower, ToLeader, ViewSpec } from './messages';

/** The core as the desk needs it. */
export interface DeskCore {
  /** 0, or a code: refused. */
  command(command: TabCommand | HostCommand): number;
  trace(): Uint8Array<ArrayBuffer>;
}

interface ServedView {
  readonly tab: string;
  readonly view: number;
  next: number;
}

interface ServedTab {
  readonly views: Map<number, number>; // the tab's number of a view -> the core's
  visible: boolean;
}

const VIEWS_PER_TAB_MAX = 64;
const UNAVAILABLE = 11; // the core's code, as ABI.md numbers them

export class Desk {
  private readonly tabs = new Map<string, ServedTab>();
  private readonly views = new Map<number, ServedView>(); // by the core's number
  private nextView = 1;
  private shownVisible: boolean | undefined;

  constructor(
    private readonly core: DeskCore,
    private readonly send: (tab: string, message: ToFollower) => void,
    private readonly onRefused: (code: number, type: string) => void,
  ) {}

  handle(from: string, message: ToLeader): void {
    switch (message.t) {
      case 'join':
        this.leave(from);
        this.tab(from).visible = message.visible;
        this.tellVisible();
        // Intents first: what the views then show already has them.
        for (const command of message.commands) this.command(from, command);
        for (const view of message.views) this.open(from, view, view.older);
        return;
      case 'command':
        return this.command(from, message.command);
      case 'open':
        return this.open(from, message, message.older);
      case 'close':
        return this.closeView(from, message.view);
      case 'older': {
        const view = this.tabs.get(from)?.views.get(message.view);
        if (view !== undefined) this.core.command({ t: 'older', view });
        return this.send(from, { t: 'olderDone', requestId: message.requestId });
      }
      case 'visible':
        this.tab(from).visible = message.visible;
        return this.tellVisible();
      case 'askTrace':
        return this.send(from, { t: 'trace', requestId: message.requestId, bytes: this.core.trace() });
      case 'leave':
        return this.leave(from);
    }
  }

  /** A tab is gone: nothing is kept open for it. */
  leave(from: string): void {
    const tab = this.tabs.get(from);
    if (tab === undefined) return;
    for (const view of [...tab.views.keys()]) this.closeView(from, view);
    this.tabs.delete(from);
    this.tellVisible();
  }

  /** A diff out of the core, to the tab that has the view open. */
  show(coreView: number, json: string): void {
    const served = this.views.get(coreView);
    if (served === undefined) return; // closed while it was on its way
    const n = served.next;
    served.next += 1;
    this.send(served.tab, { t: 'view', view: served.view, n, json });
  }

  toAll(message: ToFollower): void {
    for (const tab of this.tabs.keys()) this.send(tab, message);
  }

  private tab(from: string): ServedTab {
    let tab = this.tabs.get(from);
    if (tab === undefined) {
      tab = { views: new Map(), visible: false };
      this.tabs.set(from, tab);
    }
    return tab;
  }

  private command(from: string, command: TabCommand): void {
    const status = this.core.command(command);
    if (status === 0) return;
    this.onRefused(status, command.t);
    // A full outbox empties again: the tab keeps its copy for the next leader. Anything else the core
    // will never take, so the tab must not offer it again.
    if (isIntent(command) && status !== UNAVAILABLE) this.send(from, { t: 'kept', tempIds: [command.tempId] });
  }

  private open(from: string, spec: ViewSpec, older: number): void {
    const tab = this.tab(from);
    this.closeView(from, spec.view);
    if (tab.views.size >= VIEWS_PER_TAB_MAX) return this.onRefused(-1, 'open');
    const view = this.nextView;
    this.nextView += 1;
    tab.views.set(spec.view, view);
    this.views.set(view, { tab: from, view: spec.view, next: 0 });
    this.core.command(
      spec.chatId === undefined
        ? { t: 'open', view, kind: spec.kind }
        : { t: 'open', view, kind: spec.kind, chatId: spec.chatId },
    );
    for (let i = 0; i < older; i += 1) this.core.command({ t: 'older', view });
  }

  private closeView(from: string, view: number): void {
    const tab = this.tabs.get(from);
    const coreView = tab?.views.get(view);
    if (tab === undefined || coreView === undefined) return;
    tab.views.delete(view);
    this.views.delete(coreView);
    this.core.command({ t: 'close', view: coreView });
  }

  /** The core counts as visible while any tab is. */
  private tellVisible(): void {
    const visible = [...this.tabs.values()].some((tab) => tab.visible);
    if (visible === this.shownVisible) return;
    this.shownVisible = visible;
    this.core.command({ t: 'visible', visible });
  }
}
