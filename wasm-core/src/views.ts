/**
 * The views that a tab has open: for each, what the core has shown so far as plain values. The app's
 * state and the list of chats are always open; conversations come and go.
 */
import type { ViewKind } from './core/commands';
import type { Picture } from './last_picture';
import { LiveValue } from './live';
import { applyPatch, EMPTY_VIEW, type Patch, type ViewState } from './patches';
import type { AppState, ChatRow, Conversation, Live, MessageItem, OpenConversation } from './types';

export interface ViewPort {
  open(view: number, kind: ViewKind, chatId?: string): void;
  close(view: number): void;
  older(view: number, requestId: number): void;
}

/** Of AppState, what the core knows. */
export type CoreAppState = Pick<
  AppState,
  'connection' | 'storage' | 'unsent' | 'failed' | 'damaged' | 'totalUnread' | 'sessionEnded'
>;

export const INITIAL_CORE_STATE: CoreAppState = {
  connection: { state: 'connecting', synced: false },
  storage: { state: 'loading' },
  unsent: 0,
  failed: 0,
  damaged: [],
  totalUnread: 0,
  sessionEnded: false,
};

const APP_VIEW = 1;
const CHATS_VIEW = 2;

export class Views {
  readonly app = new LiveValue<CoreAppState>(INITIAL_CORE_STATE);
  readonly chats = new LiveValue<readonly ChatRow[] | undefined>(undefined);
  private appState: ViewState<never> = EMPTY_VIEW;
  private chatsState: ViewState<ChatRow> = EMPTY_VIEW;
  private readonly conversations = new Map<number, ConversationStore>();
  private nextView = CHATS_VIEW + 1;
  private nextRequest = 1;
  private readonly olderWaiting = new Map<number, () => void>();
  /** On the screen until the core shows its own. */
  private last: Picture | undefined;

  constructor(private readonly port: ViewPort) {}

  /** Opens everything, once a worker is there to show it. */
  openAll(): void {
    this.port.open(APP_VIEW, 'app');
    this.port.open(CHATS_VIEW, 'chats');
    for (const [view, store] of this.conversations) this.port.open(view, 'conversation', store.chatId);
  }

  openConversation(chatId: string): OpenConversation {
    const view = this.nextView;
    this.nextView += 1;
    const store = new ConversationStore(chatId, this.last?.conversation);
    this.conversations.set(view, store);
    this.port.open(view, 'conversation', chatId);
    return {
      chatId,
      get: () => store.live.get(),
      subscribe: (listener) => store.live.subscribe(listener),
      loadOlder: () => this.loadOlder(view, store),
      close: () => {
        if (!this.conversations.delete(view)) return;
        this.port.close(view);
        store.close();
      },
    };
  }

  /** Shows what was shown last, until the core has something to show. */
  begin(last: Picture | undefined): void {
    this.last = last;
    if (last === undefined) return;
    this.chatsState = { fields: {}, items: last.chats };
    this.chats.set(last.chats);
    for (const store of this.conversations.values()) store.begin(last.conversation);
  }

  /** What the person has said just now: over a picture the core, which shows all else, is not there yet. */
  echo(chatId: string, said: MessageItem): void {
    for (const store of this.conversations.values()) if (store.chatId === chatId) store.echo(said);
    const conversation = this.last?.conversation;
    if (this.last === undefined || conversation?.chatId !== chatId) return;
    // Who leaves the chat and comes back finds it as well.
    this.last = { ...this.last, conversation: { ...conversation, items: [...conversation.items, said] } };
  }

  /** What the core shows here now, with the chat that was opened last; undefined before it does. */
  picture(): Picture | undefined {
    if (this.chatsState.fields['loaded'] !== true) return undefined;
    const chats = this.chatsState.items;
    const conversation = [...this.conversations.values()].at(-1)?.shown();
    return conversation === undefined ? { chats } : { chats, conversation };
  }

  /** A patch from the core. A view that a patch does not fit is opened anew. */
  show(view: number, json: string): void {
    const patch = JSON.parse(json) as Patch;
    try {
      if (view === APP_VIEW) this.showApp(patch);
      else if (view === CHATS_VIEW) this.showChats(patch);
      else this.conversations.get(view)?.show(patch);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.reopen(view);
    }
  }

  olderDone(requestId: number): void {
    this.olderWaiting.get(requestId)?.();
    this.olderWaiting.delete(requestId);
  }

  /** Nobody is signed in here any more: nothing of theirs is left on the screen. */
  clear(): void {
    this.last = undefined;
    this.appState = EMPTY_VIEW;
    this.chatsState = EMPTY_VIEW;
    for (const request of [...this.olderWaiting.keys()]) this.olderDone(request);
    for (const store of this.conversations.values()) store.clear();
    this.chats.set(undefined);
    this.app.set(INITIAL_CORE_STATE);
  }

  private showApp(patch: Patch): void {
    this.appState = applyPatch(this.appState, patch, () => '');
    this.app.set({ ...INITIAL_CORE_STATE, ...(this.appState.fields as Partial<CoreAppState>) });
  }

  private showChats(patch: Patch): void {
    this.chatsState = applyPatch(this.chatsState, patch, (row) => row.chatId);
    if (this.chatsState.fields['loaded'] !== true) return;
    if (this.last !== undefined) this.leavePicture(this.chatsState.items);
    this.chats.set(this.chatsState.items);
  }

  /** The core says which chats there are: it shows those, and of no other is anything left. */
  private leavePicture(rows: readonly ChatRow[]): void {
    this.last = undefined;
    for (const store of this.conversations.values()) {
      if (store.isRemembered() && rows.every(({ chatId }) => chatId !== store.chatId)) store.clear();
    }
  }

  private reopen(view: number): void {
    if (view === APP_VIEW) this.port.open(view, 'app');
    else if (view === CHATS_VIEW) this.port.open(view, 'chats');
    else {
      const store = this.conversations.get(view);
      if (store !== undefined) this.port.open(view, 'conversation', store.chatId);
    }
  }

  /** Once at a time: who asks again meanwhile waits for the same. */
  private loadOlder(view: number, store: ConversationStore): Promise<void> {
    store.older ??= this.askOlder(view, store).finally(() => {
      store.older = undefined;
    });
    return store.older;
  }

  private async askOlder(view: number, store: ConversationStore): Promise<void> {
    if (store.isRemembered()) await store.taken(); // before, nobody is there to ask
    if (store.live.get()?.hasOlder === false) return;
    const requestId = this.nextRequest;
    this.nextRequest += 1;
    const answered = new Promise<void>((resolve) => this.olderWaiting.set(requestId, resolve));
    this.port.older(view, requestId);
    await answered;
    await store.settled();
  }
}

class ConversationStore {
  readonly live = new LiveValue<Conversation | undefined>(undefined);
  /** The request for older messages that is under way. */
  older: Promise<void> | undefined;
  private state: ViewState<MessageItem> = EMPTY_VIEW;
  private closed = false;
  private waiting: (() => void)[] = [];

  constructor(
    readonly chatId: string,
    last: Conversation | undefined,
  ) {
    this.begin(last);
  }

  /** Shows what was shown last, if it is of this chat and nothing newer is there. */
  begin(last: Conversation | undefined): void {
    if (last?.chatId !== this.chatId || this.live.get() !== undefined) return;
    const { items, ...fields } = last;
    this.state = { fields, items };
    this.live.set({ ...last, remembered: true });
  }

  /** Shows a picture: the core has not spoken yet. */
  isRemembered(): boolean {
    return this.live.get()?.remembered === true;
  }

  /** What the core shows, if it does. */
  shown(): Conversation | undefined {
    return this.isRemembered() ? undefined : this.live.get();
  }

  /** Over a picture: what is said now stands below it, until the core shows it itself. */
  echo(said: MessageItem): void {
    const shown = this.live.get();
    if (shown?.remembered === true) this.live.set({ ...shown, items: [...shown.items, said] });
  }

  show(patch: Patch): void {
    const next = applyPatch(this.state, patch, (item) => item.localId);
    if (next === this.state) return;
    this.state = next;
    const fields = next.fields as unknown as Omit<Conversation, 'items'>;
    // A draft that is not there is an empty one; all else the core always names.
    this.live.set({ ...fields, draft: fields.draft ?? '', items: next.items });
    this.wake();
  }

  clear(): void {
    this.state = EMPTY_VIEW;
    this.live.set(undefined);
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  /** Resolves once the core has taken over from the picture. */
  taken(): Promise<void> {
    return this.until(() => !this.isRemembered());
  }

  /** Resolves once no older messages are being loaded. */
  settled(): Promise<void> {
    return this.until(() => this.live.get()?.loadingOlder !== true);
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!this.closed && !holds()) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A Live that is computed from others; the same inputs give the same object. */
export function combine<A, B, R>(a: Live<A>, b: Live<B>, make: (a: A, b: B) => R): Live<R> {
  let last: { readonly a: A; readonly b: B; readonly value: R } | undefined;
  const get = (): R => {
    const [left, right] = [a.get(), b.get()];
    if (last === undefined || !Object.is(last.a, left) || !Object.is(last.b, right)) {
      last = { a: left, b: right, value: make(left, right) };
    }
    return last.value;
  };
  return {
    get,
    subscribe: (listener) => {
      const stops = [a.subscribe(listener), b.subscribe(listener)];
      return () => stops.forEach((stop) => stop());
    },
  };
}
