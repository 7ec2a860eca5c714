/**
 * The views that a tab has open, as its worker follows them: which diff of each comes next, how many
 * older pages were asked for, and which of those requests nobody has answered yet.
 */
import type { ViewSpec } from './messages';

interface FollowedView {
  readonly spec: ViewSpec;
  older: number;
  next: number; // the number of the next diff; 0: waits for a snapshot
}

/** `show`: in order. `anew`: a diff is missing, so the view must be opened again. */
export type Arrival = 'show' | 'anew' | 'ignore';

export class FollowedViews {
  private readonly views = new Map<number, FollowedView>();
  private readonly olderAsked = new Set<number>();

  open({ view, kind, chatId }: ViewSpec): ViewSpec {
    const spec = chatId === undefined ? { view, kind } : { view, kind, chatId };
    this.views.set(view, { spec, older: 0, next: 0 });
    return spec;
  }

  close(view: number): void {
    this.views.delete(view);
  }

  /** False if there is no such view. */
  askOlder(view: number, requestId: number): boolean {
    const open = this.views.get(view);
    if (open === undefined) return false;
    open.older += 1;
    this.olderAsked.add(requestId);
    return true;
  }

  olderDone(requestId: number): void {
    this.olderAsked.delete(requestId);
  }

  arrived(view: number, n: number): Arrival {
    const open = this.views.get(view);
    if (open === undefined) return 'ignore';
    if (n === open.next || n === 0) {
      open.next = n + 1;
      return 'show';
    }
    if (open.next === 0) return 'ignore'; // its snapshot is on the way
    open.next = 0;
    return 'anew';
  }

  /** How to open one view again; the view is open. */
  again(view: number): ViewSpec & { readonly older: number } {
    const open = this.views.get(view);
    if (open === undefined) throw new Error(`view ${view} is not open`);
    return { ...open.spec, older: open.older };
  }

  /** Everything waits for a new leader's snapshots. Returns how to open it there. */
  beginAnew(): readonly (ViewSpec & { readonly older: number })[] {
    for (const open of this.views.values()) open.next = 0;
    return [...this.views.keys()].map((view) => this.again(view));
  }

  /** The requests for older pages that the last leader will not answer: they come with the views. */
  takeOlderAsked(): readonly number[] {
    const asked = [...this.olderAsked];
    this.olderAsked.clear();
    return asked;
  }
}
