/**
 * What tabs, their workers, and the workers among each other say.
 *
 *   tab --FromTab--> its worker --ToLeader--> the leader's worker (itself, or over BroadcastChannel)
 *   tab <--ToTab---- its worker <--ToFollower-- the leader's worker
 *
 * A view is named by its tab's own number. Diffs of a view are numbered from 0, which is its
 * snapshot; a follower that misses a number asks for the view again.
 */
import type { Account } from '../account';
import type { TabCommand, ViewKind } from '../core/commands';

export interface ViewSpec {
  readonly view: number;
  readonly kind: ViewKind;
  readonly chatId?: string;
}

export interface TraceAnswer {
  readonly t: 'trace';
  readonly requestId: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

// ---- between a tab and its worker ----

export type FromTab =
  | { readonly t: 'start'; readonly account: Account; readonly origin: string; readonly version: string }
  | { readonly t: 'command'; readonly command: TabCommand }
  | ({ readonly t: 'open' } & ViewSpec)
  | { readonly t: 'close'; readonly view: number }
  | { readonly t: 'older'; readonly view: number; readonly requestId: number }
  | { readonly t: 'visible'; readonly visible: boolean }
  /** A report of what the leader's core was given; answered by `trace` of the same number. */
  | { readonly t: 'askTrace'; readonly requestId: number }
  /** The window's own signal: a worker is not told. */
  | { readonly t: 'network'; readonly online: boolean }
  /** What was sent before `draw` is on the screen. */
  | { readonly t: 'drawn' }
  /** The page may be frozen or gone soon: write what is due, and let another tab lead. */
  | { readonly t: 'suspend' }
  | { readonly t: 'resume' }
  /** Ends the work of this worker for good. With `wipe`, on all tabs, and everything is deleted. */
  | { readonly t: 'end'; readonly wipe: boolean };

export type ToTab =
  | { readonly t: 'view'; readonly view: number; readonly json: string }
  | { readonly t: 'kept'; readonly tempIds: readonly string[] }
  | { readonly t: 'olderDone'; readonly requestId: number }
  | TraceAnswer
  | { readonly t: 'role'; readonly leading: boolean }
  /** Answered by `drawn`: what is not urgent waits for it. */
  | { readonly t: 'draw' }
  | { readonly t: 'sessionEnded' }
  | { readonly t: 'outdated' }
  | { readonly t: 'signedOut' }
  | { readonly t: 'halted' }
  /** What was stored here is gone (site data was cleared): what the tab shows of it is not true any more. */
  | { readonly t: 'forgotten' }
  /** `wiped`: it was asked for, and everything is deleted. */
  | { readonly t: 'ended'; readonly wiped: boolean }
  | { readonly t: 'report'; readonly json: string };

// ---- between workers ----

export type ToLeader =
  /** Everything that a follower has open and that is not known to be kept: after each change of leader. */
  | {
      readonly t: 'join';
      readonly views: readonly (ViewSpec & { readonly older: number })[];
      readonly commands: readonly TabCommand[];
      readonly visible: boolean;
    }
  | { readonly t: 'command'; readonly command: TabCommand }
  | ({ readonly t: 'open'; readonly older: number } & ViewSpec)
  | { readonly t: 'close'; readonly view: number }
  | { readonly t: 'older'; readonly view: number; readonly requestId: number }
  | { readonly t: 'visible'; readonly visible: boolean }
  | { readonly t: 'askTrace'; readonly requestId: number }
  | { readonly t: 'leave' };

export type ToFollower =
  | { readonly t: 'view'; readonly view: number; readonly n: number; readonly json: string }
  | { readonly t: 'kept'; readonly tempIds: readonly string[] }
  | { readonly t: 'olderDone'; readonly requestId: number }
  | TraceAnswer
  | { readonly t: 'sessionEnded' }
  | { readonly t: 'outdated' }
  | { readonly t: 'halted' }
  | { readonly t: 'forgotten' };

export type Announcement =
  /** "I lead now": to all on a new term, to one in answer to `who`. */
  | { readonly t: 'lead' }
  | { readonly t: 'who' }
  /** To whoever holds the place, leading or about to: is it alive? */
  | { readonly t: 'ping' }
  | { readonly t: 'here' }
  /** A newer version needs the leader's place (its storage format, or its messages, are newer). */
  | { readonly t: 'stepDown' }
  /** Somebody signed out: everything local is being deleted. */
  | { readonly t: 'signedOut' };

/**
 * Raised when these messages, or the format of the storage, change in a way that older workers would
 * misread. `lead`, `who`, `ping`, `here` and `stepDown` are understood across versions and stay as they are.
 */
export const PROTO = 1;

export interface Envelope {
  readonly proto: number;
  readonly version: string;
  /** Of the leadership that the message belongs to, as far as the sender knows. */
  readonly term: number;
  readonly from: string;
  /** Absent: to all. */
  readonly to?: string;
  readonly body: ToLeader | ToFollower | Announcement;
}

/** True when dotted number `a` is newer than `b`. */
export function isNewer(a: string, b: string): boolean {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
