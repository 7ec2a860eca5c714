// A client in memory with the whole surface of `GodwitClient`, for component tests and for developing
// the interface without a server. Nothing happens by itself: a test moves the world by the `world`
// methods (`arrive`, `setStatus`, `setApp` …), so that it never waits for time.
import type {
  AppState,
  ChatRow,
  Conversation,
  GodwitClient,
  GodwitError,
  Live,
  MessageItem,
  MessageStatus,
  OpenConversation,
  Person,
  SessionInfo,
} from '@godwit/core/types';

import { byActivity, previewOf } from './fake_views';

export class LiveValue<T> implements Live<T> {
  private readonly listeners = new Set<() => void>();
  constructor(private value: T) {}

  get = (): T => this.value;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(value: T): void {
    this.value = value;
    for (const listener of this.listeners) listener();
  }
}

export function fakeError(code: string, retryAfterMs?: number): GodwitError {
  return Object.assign(new Error(code), { code, ...(retryAfterMs ? { retryAfterMs } : {}) });
}

export const SIGNED_OUT: AppState = {
  session: null,
  sessionEnded: false,
  connection: { state: 'online', synced: true },
  storage: { state: 'durable' },
  unsent: 0,
  failed: 0,
  damaged: [],
  leading: true,
  totalUnread: 0,
  updateWaiting: false,
};

const OLDER_PAGE = 50;

export class FakeClient implements GodwitClient {
  readonly app: LiveValue<AppState>;
  readonly chats = new LiveValue<readonly ChatRow[] | undefined>(undefined);
  readonly calls: (readonly [name: string, ...args: unknown[]])[] = [];
  people: readonly Person[] = [];
  sessionList: readonly SessionInfo[] = [];
  /** The code with which the next account call is refused. */
  refuseNext: GodwitError | undefined;

  private readonly conversations = new Map<string, LiveValue<Conversation | undefined>>();
  private readonly older = new Map<string, MessageItem[]>();
  private sequence = 0;

  constructor(app: AppState = SIGNED_OUT) {
    this.app = new LiveValue(app);
  }

  // The world, moved by tests.

  addChat(row: ChatRow, conversation: Conversation, older: readonly MessageItem[] = []): void {
    this.conversations.set(row.chatId, new LiveValue<Conversation | undefined>(conversation));
    this.older.set(row.chatId, [...older]);
    this.setChats([...(this.chats.get() ?? []), row]);
  }

  setApp(change: Partial<AppState>): void {
    this.app.set({ ...this.app.get(), ...change });
  }

  conversation(chatId: string): Conversation {
    const found = this.live(chatId).get();
    if (found === undefined) throw new Error(`no chat ${chatId}`);
    return found;
  }

  setConversation(chatId: string, change: Partial<Conversation>): void {
    this.live(chatId).set({ ...this.conversation(chatId), ...change });
  }

  setRow(chatId: string, change: Partial<ChatRow>): void {
    const rows = this.chats.get() ?? [];
    this.setChats(rows.map((row) => (row.chatId === chatId ? { ...row, ...change } : row)));
  }

  /** Appends an item and brings the row in the list up to date. */
  arrive(chatId: string, item: MessageItem): void {
    const before = this.conversation(chatId);
    const unread = before.unread + (item.own || item.system !== undefined ? 0 : 1);
    this.setConversation(chatId, { items: [...before.items, item], unread });
    this.setRow(chatId, { preview: previewOf(item), time: item.time, unread });
  }

  setStatus(
    chatId: string,
    localId: string,
    status: MessageStatus,
    code?: string,
    rest?: string,
  ): void {
    const items = this.conversation(chatId).items.map((item) => {
      if (item.localId !== localId) return item;
      const moved: MessageItem = { ...item, status };
      if (code === undefined) return { ...moved, failure: undefined };
      if (rest === undefined) return { ...moved, failure: { code } };
      return { ...moved, text: rest, failure: { code, final: true as const } };
    });
    this.setConversation(chatId, { items });
    const last = items[items.length - 1];
    if (last !== undefined) this.setRow(chatId, { preview: previewOf(last) });
  }

  called(name: string): readonly (readonly unknown[])[] {
    return this.calls.filter(([called]) => called === name).map(([, ...args]) => args);
  }

  // GodwitClient

  open(chatId: string): OpenConversation {
    const live = this.live(chatId);
    return {
      chatId,
      get: live.get,
      subscribe: live.subscribe,
      loadOlder: () => this.loadOlder(chatId),
      close: () => this.note('close', chatId),
    };
  }

  register(input: { username: string; displayName: string }): Promise<Person> {
    this.note('register', input);
    return this.enter({ userId: '1', username: input.username, displayName: input.displayName });
  }

  login(input: { username: string; password: string }): Promise<Person> {
    this.note('login', input);
    return this.enter({ userId: '1', username: input.username, displayName: input.username });
  }

  logout(): Promise<void> {
    this.note('logout');
    return this.answer(undefined).then(() => this.setApp({ session: null }));
  }

  updateProfile(input: { displayName: string }): Promise<Person> {
    this.note('updateProfile', input);
    const { session } = this.app.get();
    if (!session) return Promise.reject(fakeError('unauthenticated'));
    return this.enter({ ...session, ...input });
  }

  changePassword(input: { oldPassword: string; newPassword: string }): Promise<void> {
    this.note('changePassword', input);
    return this.answer(undefined);
  }

  sessions(): Promise<readonly SessionInfo[]> {
    return this.answer(this.sessionList);
  }

  trace(): Promise<Uint8Array<ArrayBuffer>> {
    this.note('trace');
    return Promise.resolve(Uint8Array.of(71));
  }
  endSession(sessionId: string): Promise<void> {
    this.note('endSession', sessionId);
    return this.answer(undefined);
  }

  searchPeople(query: string): Promise<readonly Person[]> {
    this.note('searchPeople', query);
    const wanted = query.toLowerCase();
    return this.answer(
      this.people.filter(({ displayName, username }) =>
        `${displayName} ${username}`.toLowerCase().includes(wanted),
      ),
    );
  }

  startDirect(userId: string): Promise<string> {
    this.note('startDirect', userId);
    const known = this.chats.get()?.find(({ peerId }) => peerId === userId);
    return known === undefined ? Promise.reject(fakeError('not_found')) : this.answer(known.chatId);
  }

  createGroup(name: string, userIds: readonly string[]): Promise<string> {
    this.note('createGroup', name, userIds);
    return Promise.reject(fakeError('unavailable'));
  }

  send(chatId: string, text: string): string {
    this.note('send', chatId, text);
    this.sequence += 1;
    const localId = `own-${this.sequence}`;
    const { session } = this.app.get();
    this.arrive(chatId, {
      localId,
      senderId: session?.userId ?? '1',
      senderName: session?.displayName ?? '',
      own: true,
      text,
      time: Date.now(),
      status: 'saving',
    });
    return localId;
  }

  setDraft(chatId: string, text: string): void {
    this.note('setDraft', chatId, text);
    this.setConversation(chatId, { draft: text });
    this.setRow(chatId, { draft: text });
  }

  markRead(chatId: string, seq: number): void {
    this.note('markRead', chatId, seq);
    this.setConversation(chatId, { unread: 0 });
    this.setRow(chatId, { unread: 0 });
  }

  discard(localId: string): void {
    this.note('discard', localId);
    for (const [chatId, live] of this.conversations) {
      const items = live.get()?.items.filter((item) => item.localId !== localId) ?? [];
      if (items.length !== live.get()?.items.length) this.setConversation(chatId, { items });
    }
  }

  edit = (...args: readonly unknown[]): void => this.note('edit', ...args);
  remove = (...args: readonly unknown[]): void => this.note('remove', ...args);
  react = (...args: readonly unknown[]): void => this.note('react', ...args);
  pin = (...args: readonly unknown[]): void => this.note('pin', ...args);
  set = (...args: readonly unknown[]): void => this.note('set', ...args);
  setTyping = (...args: readonly unknown[]): void => this.note('setTyping', ...args);
  retry = (...args: readonly unknown[]): void => this.note('retry', ...args);
  setVisible = (...args: readonly unknown[]): void => this.note('setVisible', ...args);
  reconnectNow = (): void => this.note('reconnectNow');
  dispose = (): void => this.note('dispose');

  private note(name: string, ...args: readonly unknown[]): void {
    this.calls.push([name, ...args]);
  }

  private live(chatId: string): LiveValue<Conversation | undefined> {
    const known = this.conversations.get(chatId);
    if (known !== undefined) return known;
    const made = new LiveValue<Conversation | undefined>(undefined);
    this.conversations.set(chatId, made);
    return made;
  }

  private setChats(rows: readonly ChatRow[]): void {
    this.chats.set([...rows].sort(byActivity));
    this.setApp({ totalUnread: rows.reduce((sum, row) => sum + row.unread, 0) });
  }

  private loadOlder(chatId: string): Promise<void> {
    const stock = this.older.get(chatId) ?? [];
    if (stock.length === 0) return Promise.resolve();
    const page = stock.splice(-OLDER_PAGE);
    const { items } = this.conversation(chatId);
    this.setConversation(chatId, { items: [...page, ...items], hasOlder: stock.length > 0 });
    return Promise.resolve();
  }

  private enter(person: Person): Promise<Person> {
    return this.answer(person).then((session) => {
      this.setApp({ session });
      return session;
    });
  }

  private answer<T>(value: T): Promise<T> {
    const refusal = this.refuseNext;
    this.refuseNext = undefined;
    return refusal === undefined ? Promise.resolve(value) : Promise.reject(refusal);
  }
}
