/**
 * The commands of ABI.md ("Inputs", kind 1) and the numbers of its inputs and effects, typed.
 */

export const INPUT = {
  command: 1,
  frame: 2,
  httpResponse: 3,
  batchDone: 4,
  deadline: 5,
  socketOpen: 6,
  socketClosed: 7,
  network: 8,
  storageUnavailable: 9,
} as const;

export const EFFECT = {
  connect: 1,
  disconnect: 2,
  sendFrame: 3,
  httpRequest: 4,
  persist: 5,
  view: 6,
  kept: 7,
  sessionEnded: 8,
  wiped: 9,
  report: 10,
  outdated: 11,
} as const;

/** An operation that survives a reload, a crash and a change of leader by its `tempId`. */
export type Intent =
  | { readonly t: 'send'; readonly tempId: string; readonly chatId: string; readonly text: string; readonly replyTo?: string }
  | { readonly t: 'edit'; readonly tempId: string; readonly chatId: string; readonly messageId: string; readonly text: string }
  | { readonly t: 'delete'; readonly tempId: string; readonly chatId: string; readonly messageId: string }
  | { readonly t: 'react'; readonly tempId: string; readonly chatId: string; readonly messageId: string; readonly emoji: string; readonly add: boolean }
  | { readonly t: 'pin'; readonly tempId: string; readonly chatId: string; readonly messageId: string; readonly pinned: boolean }
  | { readonly t: 'set'; readonly tempId: string; readonly key: string; readonly chatId?: string; readonly messageId?: string; readonly value: unknown };

/** What has no name of its own: said once, to whoever leads. */
export type Signal =
  | { readonly t: 'read'; readonly chatId: string; readonly seq: number }
  | { readonly t: 'typing'; readonly chatId: string; readonly isTyping: boolean }
  | { readonly t: 'retry'; readonly localId: string }
  | { readonly t: 'discard'; readonly localId: string }
  | { readonly t: 'reconnect' }
  | { readonly t: 'adopt'; readonly chat: unknown };

export type TabCommand = Intent | Signal;

export function isIntent(command: TabCommand): command is Intent {
  return 'tempId' in command;
}

export type ViewKind = 'app' | 'chats' | 'conversation';

/** What only the host of the core itself says. */
export type HostCommand =
  | {
      readonly t: 'start';
      readonly userId: string;
      readonly username: string;
      readonly displayName: string;
      readonly deviceId: string;
      readonly coreVersion: string;
      readonly term: number;
    }
  | { readonly t: 'open'; readonly view: number; readonly kind: ViewKind; readonly chatId?: string }
  | { readonly t: 'close' | 'older'; readonly view: number }
  | { readonly t: 'visible'; readonly visible: boolean }
  | { readonly t: 'flush' };

export type CoreCommand = TabCommand | HostCommand;
