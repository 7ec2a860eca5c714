/**
 * What the typed client shows and accepts. An interface built on Godwit knows these types and the
 * `GodwitClient` below, and nothing of the protocol. All values are plain and immutable: a changed
 * item is a new object, an unchanged one keeps its identity, so `===` tells.
 */

/** Where a message of one's own stands; for messages of others `delivered`, or `read` once seen. */
export type MessageStatus =
  | 'saving' // on the screen, not yet in this device's storage
  | 'queued' // durably stored here, waiting for the network
  | 'sending' // on its way, not promised by this device's storage
  | 'sent' // stored by the server
  | 'delivered' // every other member's device has it
  | 'read' // every other member has read it
  | 'failed' // refused for good; only the person's retry leads on
  | 'unsaved'; // this device could not store it; the text is kept, retry leads on

/** A line of a chat's history that tells what happened to the chat: codes and ids, no sentences. */
export interface SystemLine {
  readonly kind: string; // "created", "renamed", "member_added", "member_left", …
  readonly [field: string]: unknown;
}

export interface Quote {
  readonly messageId: string;
  readonly senderName: string;
  readonly text: string; // at most 200 characters; empty where it is not known or deleted
}

export interface ReactionCount {
  readonly emoji: string;
  readonly userIds: readonly string[];
  readonly own: boolean;
}

export interface MessageItem {
  /** The same from echo to ack and for ever after: the key to render by. */
  readonly localId: string;
  /** Absent until the server has stored it. */
  readonly messageId?: string;
  readonly seq?: number;
  readonly senderId: string;
  readonly senderName: string;
  readonly own: boolean;
  /** Absent for deleted messages and for contents that are not text. */
  readonly text?: string;
  readonly system?: SystemLine;
  /** Milliseconds since 1970: the server's for a stored message, this device's for a pending one. */
  readonly time: number;
  readonly status: MessageStatus;
  /**
   * Why it failed: the wire's code, or `damaged` where this device's storage was. `final`: it is not
   * whole any more and can only be discarded; `text` is what can still be read.
   */
  readonly failure?: { readonly code: string; readonly final?: true };
  readonly editedAt?: number;
  readonly deleted?: true;
  readonly pinned?: true;
  readonly starred?: true;
  readonly replyTo?: Quote;
  readonly reactions?: readonly ReactionCount[];
  /** From the cache, not yet checked against the server since a long absence. */
  readonly unchecked?: true;
}

export type PresenceStatus = 'online' | 'away' | 'offline';

export interface PersonPresence {
  readonly status: PresenceStatus;
  readonly lastSeen?: number;
}

export interface ChatRow {
  readonly chatId: string;
  readonly type: 'direct' | 'group';
  /** A group's name, or the other person's in a direct chat. */
  readonly title: string;
  /** The other person in a direct chat. */
  readonly peerId?: string;
  readonly memberCount: number;
  readonly preview?: {
    readonly text: string; // at most 200 characters
    readonly own: boolean;
    readonly senderName: string;
    readonly status: MessageStatus;
    readonly system?: SystemLine;
    readonly deleted?: true;
  };
  readonly draft?: string;
  readonly time: number; // of the last activity
  readonly unread: number;
  readonly pinned: boolean;
  readonly muted: boolean;
  readonly archived: boolean;
  readonly typing: readonly string[]; // display names
  readonly presence?: PersonPresence; // of the peer
}

export interface Participant {
  readonly userId: string;
  readonly displayName: string;
  readonly username: string;
  readonly role: 'owner' | 'admin' | 'member';
}

export interface Conversation {
  readonly chatId: string;
  readonly type: 'direct' | 'group';
  readonly title: string;
  readonly peerId?: string;
  readonly members: readonly Participant[];
  /** Oldest first: confirmed messages by place, then pending ones in the order of sending. */
  readonly items: readonly MessageItem[];
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  /** Messages that one has not read; the first of them, when it is in `items`. */
  readonly unread: number;
  readonly firstUnreadId?: string; // localId
  readonly draft: string;
  readonly typing: readonly { readonly userId: string; readonly name: string }[];
  readonly presence?: PersonPresence;
  /** False once one has left or was removed: nothing can be sent. */
  readonly canSend: boolean;
  /** What this browser showed when the app was last left: it stands until the core, which starts, has read what is true. */
  readonly remembered?: true;
}

export interface Person {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
}

export interface Connection {
  readonly state: 'offline' | 'connecting' | 'online' | 'polling';
  /** Caught up with the server since the last connect. */
  readonly synced: boolean;
  /** When the next attempt is due, while not connected (milliseconds since 1970). */
  readonly retryAt?: number;
}

export interface Storage {
  readonly state: 'loading' | 'durable' | 'memory';
  /** Why nothing can be kept here: 'insecure' context, 'missing', 'denied', 'hung', 'failed'. */
  readonly reason?: 'insecure' | 'missing' | 'denied' | 'hung' | 'failed';
}

export interface AppState {
  /** Undefined until it is known whether somebody is signed in here. */
  readonly session: Person | null | undefined;
  /** The server no longer accepts this session (4001); everything local is kept. */
  readonly sessionEnded: boolean;
  readonly connection: Connection;
  readonly storage: Storage;
  /** Operations that the server has not acknowledged, and those it has refused. */
  readonly unsent: number;
  readonly failed: number;
  /** What storage has damaged so that no conversation can show it. */
  readonly damaged: readonly DamagedItem[];
  /** Whether this tab's worker leads; the other tabs are views on it. */
  readonly leading: boolean;
  readonly totalUnread: number;
  /** A newer version of the app is waiting in another tab, or the server demands one: reload. */
  readonly updateWaiting: boolean;
  /**
   * The core stopped itself several times in a row and is not started again: what is shown is no
   * longer live. What was queued is still stored here. Only a reload leads on.
   */
  readonly halted?: true;
}

export interface SessionInfo {
  readonly sessionId: string;
  readonly client: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly current: boolean;
}

/** What is left of something that waited here to be sent, of a chat that cannot be told. */
export interface DamagedItem {
  readonly localId: string; // to discard it by
  readonly time?: number;
  readonly text?: string;
}

/** An error with the code of the wire protocol, or `offline` where no answer could be had. */
export interface GodwitError extends Error {
  readonly code: string;
  readonly retryAfterMs?: number;
}

/** Something to subscribe to, made for `useSyncExternalStore`. */
export interface Live<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

/** One open chat. `close()` when it is no longer shown. */
export interface OpenConversation extends Live<Conversation | undefined> {
  readonly chatId: string;
  /** Shows 50 older messages, from the cache or the server. Resolves when shown, or there are none. */
  loadOlder(): Promise<void>;
  close(): void;
}

export interface GodwitClient {
  readonly app: Live<AppState>;
  readonly chats: Live<readonly ChatRow[] | undefined>; // undefined: not loaded yet
  open(chatId: string): OpenConversation;

  // Accounts. These need the network and reject with a GodwitError.
  register(input: { username: string; displayName: string; password: string; invite?: string }): Promise<Person>;
  login(input: { username: string; password: string }): Promise<Person>;
  /** Ends the session and wipes everything local on every tab. The caller asks first if `unsent`. */
  logout(): Promise<void>;
  updateProfile(input: { displayName: string }): Promise<Person>;
  changePassword(input: { oldPassword: string; newPassword: string }): Promise<void>;
  sessions(): Promise<readonly SessionInfo[]>;
  endSession(sessionId: string): Promise<void>;
  searchPeople(query: string): Promise<readonly Person[]>;
  /** The direct chat with a person, made if there is none. Resolves once it can be opened. */
  startDirect(userId: string): Promise<string>;
  createGroup(name: string, userIds: readonly string[]): Promise<string>;

  // Intents. They return at once, work offline and never throw; the views tell what became of them.
  /** Returns the message's tempId, which is also its localId. */
  send(chatId: string, text: string, options?: { replyTo?: string }): string;
  edit(chatId: string, messageId: string, text: string): void;
  remove(chatId: string, messageId: string): void;
  react(chatId: string, messageId: string, emoji: string, add: boolean): void;
  pin(chatId: string, messageId: string, pinned: boolean): void;
  /** Private state (protocol.md, `set`): star, hidden, mute, archived, pinnedChat, setting.*. */
  set(key: string, value: unknown, where?: { chatId?: string; messageId?: string }): void;
  setDraft(chatId: string, text: string): void;
  markRead(chatId: string, seq: number): void;
  setTyping(chatId: string, isTyping: boolean): void;
  retry(localId: string): void;
  /** Removes a failed or unsaved message for good. */
  discard(localId: string): void;

  /**
   * A report for `godwit replay`: what the core was given since it began, up to a limit, with filler of
   * the same length for everything that people wrote. Rejects where no core answers.
   */
  trace(): Promise<Uint8Array<ArrayBuffer>>;

  /** The browser's own signals. */
  setVisible(visible: boolean): void;
  reconnectNow(): void;
  dispose(): void;
}
