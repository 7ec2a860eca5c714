/**
 * The client that an interface holds: one per tab. Knows who is signed in, keeps a seat for them, and
 * turns calls into commands. All protocol is in the core; all state that matters is there as well.
 */
import { AccountRecord, type Account } from './account';
import type { TabCommand } from './core/commands';
import { wipeStorage } from './core/storage';
import { LastPicture, type Picture } from './last_picture';
import { LiveValue } from './live';
import { isGodwitError, Rest } from './rest';
import { Seat } from './seat';
import { leaderLock } from './tabs/leadership';
import type { AppState, ChatRow, GodwitClient, Live, MessageItem, OpenConversation, Person, SessionInfo } from './types';
import { UnkeptIntents } from './unkept';
import { randomUuid } from './uuid';
import { combine, Views } from './views';
import { WipeNotes, type FreeLocks } from './wipe_notes';
import type { WorkerLike } from './worker_link';

/** Of this package. Workers of different versions find each other by it. */
export const CORE_VERSION = '0.1.0';

export interface ClientOptions {
  /** The server's origin; the page's own unless told (cookies demand the same site). */
  readonly origin?: string;
  /** How to start the worker, for bundlers that need their own way. */
  readonly createWorker?: () => WorkerLike;
  /** Codes and counts for a log, never content. */
  readonly onReport?: (json: string) => void;
  /** Whether what is shown is kept in `localStorage` for the next start to show first; it is unless this is false. */
  readonly keepPicture?: boolean;
}

/** Names this build: a bundler puts a hash of what it made into the script's address. */
const BUILD = `${CORE_VERSION} ${new URL(import.meta.url).pathname}`;

/** How long after a change what is kept for the next start has it; until then a death leaves what was before. */
const RENEW_AFTER_MS = 3_000;

/** Of AppState, what the tab itself knows. */
type TabState = Pick<AppState, 'session' | 'leading' | 'updateWaiting' | 'sessionEnded' | 'halted'>;

export function createClient(options: ClientOptions = {}): GodwitClient {
  return new TabClient(options);
}

function startWorker(): WorkerLike {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}

/** `window.localStorage` itself throws where site data is blocked. */
function webStorage(name: 'localStorage' | 'sessionStorage'): Storage | undefined {
  try {
    return window[name];
  } catch {
    return undefined;
  }
}

function databases(): IDBFactory | undefined {
  try {
    return window.indexedDB;
  } catch {
    return undefined;
  }
}

function freeLocks(): FreeLocks | undefined {
  return window.isSecureContext && 'locks' in navigator ? (navigator.locks as unknown as FreeLocks) : undefined;
}

class TabClient implements GodwitClient {
  readonly app: Live<AppState>;
  readonly chats: Live<readonly ChatRow[] | undefined>;
  private readonly origin: string;
  private readonly rest: Rest;
  private readonly record = new AccountRecord(webStorage('localStorage'));
  private readonly wipeNotes = new WipeNotes(webStorage('localStorage'));
  private readonly lastPicture = new LastPicture(webStorage('localStorage'), BUILD);
  private readonly views: Views;
  private readonly tab = new LiveValue<TabState>({
    session: undefined,
    leading: false,
    updateWaiting: false,
    sessionEnded: false,
  });
  private seat: Seat | undefined;
  /** Resolves once what an earlier sign-out left is dealt with: nobody's seat is taken before. */
  private readonly begun: Promise<void> | undefined;
  private waiting = true; // for `begun`
  private disposed = false;
  private visible = false;
  private askedToPersist = false;
  private renewing: ReturnType<typeof setTimeout> | undefined;
  private readonly stops: (() => void)[] = [];

  constructor(private readonly options: ClientOptions) {
    this.origin = options.origin ?? location.origin;
    this.rest = new Rest(this.origin);
    this.views = new Views({
      open: (...spec) => this.seat?.open(...spec),
      close: (view) => this.seat?.close(view),
      older: (view, requestId) =>
        this.seat === undefined ? this.views.olderDone(requestId) : this.seat.older(view, requestId),
    });
    this.chats = this.views.chats;
    this.app = combine(this.views.app, this.tab, (core, tab): AppState => ({
      ...core,
      ...tab,
      sessionEnded: core.sessionEnded || tab.sessionEnded,
    }));
    this.listen();
    if (this.wipeNotes.userIds().length === 0) this.begin();
    else this.begun = this.finishSigningOut().then(() => this.begin());
  }

  private begin(): void {
    this.waiting = false;
    if (this.disposed) return;
    const account = this.record.read();
    if (account === undefined || !this.keepsPicture()) this.lastPicture.remove();
    if (account !== undefined) this.sit(account);
    void this.askWhoIsSignedIn();
  }

  // ---- who is signed in ----

  /** A sign-out that an earlier life of this browser or tab did not bring to its end. */
  private async finishSigningOut(): Promise<void> {
    for (const userId of this.wipeNotes.userIds()) {
      this.record.removePerson(userId);
      this.lastPicture.remove();
      new UnkeptIntents(webStorage('sessionStorage'), userId).clear();
    }
    await this.wipeNotes.finish((userId) => wipeStorage(databases(), userId), freeLocks(), leaderLock);
  }

  private async askWhoIsSignedIn(): Promise<void> {
    const before = this.seat;
    try {
      const person = await this.rest.me();
      if (this.seat === before) this.signedIn(person);
    } catch (error) {
      if (this.seat !== before) return;
      const refused = isGodwitError(error) && error.code === 'unauthenticated';
      // Without a network, and for a session that ended, whoever was signed in here stays on the screen.
      if (this.seat === undefined) this.note({ session: null });
      else if (refused) this.note({ sessionEnded: true });
    }
  }

  private signedIn(person: Person): Account {
    this.wipeNotes.drop(person.userId); // first: from here on, what is stored for them stays
    const account = this.record.write(person);
    if (this.seat?.account.userId === account.userId) {
      this.note({ session: personOf(account), sessionEnded: false });
    } else {
      this.sit(account);
    }
    return account;
  }

  private sit(account: Account): void {
    void this.seat?.end(false);
    this.views.clear();
    const seat = new Seat({
      account,
      origin: this.origin,
      version: CORE_VERSION,
      session: webStorage('sessionStorage'),
      createWorker: this.options.createWorker ?? startWorker,
      openViews: () => this.views.openAll(),
      events: {
        onView: (view, json) => {
          this.views.show(view, json);
          this.renewPictureSoon();
        },
        onOlderDone: (requestId) => this.views.olderDone(requestId),
        onLeading: (leading) => this.note({ leading }),
        onSessionEnded: () => this.note({ sessionEnded: true }),
        onUpdateWaiting: () => this.note({ updateWaiting: true }),
        onSignedOut: () => this.signedOutElsewhere(),
        onHalted: () => this.note({ halted: true }),
        onForgotten: () => this.forgetShown(),
        onReport: (json) => this.options.onReport?.(json),
        onFirstKept: () => this.askToPersist(),
      },
    });
    this.seat = seat;
    if (this.keepsPicture()) this.views.begin(this.lastPicture.read(account.userId));
    this.note({ session: personOf(account), leading: false, sessionEnded: false });
    seat.setVisible(this.visible);
    seat.start();
  }

  /**
   * Another tab signed out, and has removed the record itself. A tab that slept hears of it late: what
   * the record names by then is a later sign-in. Removing that would wipe it on every tab.
   */
  private signedOutElsewhere(): void {
    this.record.forget();
    this.standUp();
    void this.askWhoIsSignedIn();
  }

  private leftSeat(): void {
    this.record.remove();
    this.standUp();
  }

  private standUp(): void {
    this.seat = undefined;
    this.forgetShown();
    this.note({ session: null, leading: false, sessionEnded: false });
  }

  private forgetShown(): void {
    this.views.clear();
    this.lastPicture.remove();
  }

  // ---- what the next start shows first ----

  private keepsPicture(): boolean {
    return this.options.keepPicture !== false;
  }

  private keepPicture(): void {
    const of = this.pictured();
    if (of !== undefined) this.lastPicture.write(of.userId, of.picture);
  }

  /** One timer, however much changes: what is deleted or hidden does not stay readable until the page is left. */
  private renewPictureSoon(): void {
    if (!this.keepsPicture() || this.disposed) return;
    this.renewing ??= setTimeout(() => {
      this.renewing = undefined;
      const of = this.pictured();
      // A tab that nobody looks at has no say over what another has shown since.
      if (of !== undefined) this.lastPicture.renew(of.userId, of.picture, document.visibilityState === 'hidden');
    }, RENEW_AFTER_MS);
  }

  /** Undefined where the core shows nothing, and of somebody who has signed out in another tab. */
  private pictured(): { readonly userId: string; readonly picture: Picture } | undefined {
    const userId = this.seat?.account.userId;
    if (userId === undefined || !this.keepsPicture() || this.record.stored()?.userId !== userId) return undefined;
    const { state } = this.views.app.get().storage;
    if (state === 'memory') this.lastPicture.remove(); // nothing is kept here, as the person is told
    const picture = state === 'durable' ? this.views.picture() : undefined;
    return picture === undefined ? undefined : { userId, picture };
  }

  private note(change: Partial<TabState>): void {
    this.tab.set({ ...this.tab.get(), ...change });
  }

  private askToPersist(): void {
    if (this.askedToPersist) return;
    this.askedToPersist = true;
    void navigator.storage?.persist?.().catch(() => false);
  }

  private listen(): void {
    const on = (target: EventTarget, type: string, heard: (event: Event) => void): void => {
      target.addEventListener(type, heard);
      this.stops.push(() => target.removeEventListener(type, heard));
    };
    // Hints only: what is not flushed by then was never called queued.
    on(window, 'pagehide', () => {
      this.keepPicture();
      this.seat?.suspend();
    });
    on(document, 'visibilitychange', () => document.visibilityState === 'hidden' && this.keepPicture());
    on(document, 'freeze', () => this.seat?.suspend());
    on(window, 'pageshow', (event) => {
      if (!(event as PageTransitionEvent).persisted) return;
      this.recordChanged(this.record.read()); // a page in the back-forward cache hears of nothing
      this.seat?.resume();
    });
    on(document, 'resume', () => this.seat?.resume());
    on(window, 'offline', () => this.seat?.networkChanged(false));
    on(window, 'online', () => {
      this.seat?.networkChanged(true);
      if (this.tab.get().session === null) void this.askWhoIsSignedIn();
    });
    this.stops.push(this.record.onChange((account) => this.recordChanged(account)));
  }

  private recordChanged(account: Account | undefined): void {
    if (this.waiting) return; // `begin` reads it
    if (account === undefined) {
      if (this.seat !== undefined) void this.endSeat();
    } else if (account.userId !== this.seat?.account.userId) this.sit(account);
  }

  /** Signed out in another tab, which wipes the storage. */
  private async endSeat(): Promise<void> {
    const { seat } = this;
    this.leftSeat();
    await seat?.end(true);
  }

  // ---- accounts ----

  async register(input: { username: string; displayName: string; password: string; invite?: string }): Promise<Person> {
    await this.begun;
    return personOf(this.signedIn(await this.rest.register(input)));
  }

  async login(input: { username: string; password: string }): Promise<Person> {
    await this.begun;
    const person = personOf(this.signedIn(await this.rest.login(input)));
    this.command({ t: 'reconnect' }); // after a session that had ended
    return person;
  }

  async logout(): Promise<void> {
    try {
      await this.rest.logout();
    } catch (error) {
      // A session that is no longer valid is signed out already.
      if (!isGodwitError(error) || error.code !== 'unauthenticated') throw error;
    }
    const { seat } = this;
    const userId = seat?.account.userId;
    if (userId !== undefined) this.wipeNotes.add(userId);
    this.leftSeat();
    if ((await seat?.end(true)) === true && userId !== undefined) this.wipeNotes.drop(userId);
  }

  async updateProfile(input: { displayName: string }): Promise<Person> {
    return personOf(this.signedIn(await this.rest.updateProfile(input)));
  }
  changePassword(input: { oldPassword: string; newPassword: string }): Promise<void> {
    return this.rest.changePassword(input);
  }
  sessions(): Promise<readonly SessionInfo[]> {
    return this.rest.sessions();
  }
  endSession(sessionId: string): Promise<void> {
    return this.rest.endSession(sessionId);
  }
  searchPeople(query: string): Promise<readonly Person[]> {
    return this.rest.searchPeople(query);
  }
  startDirect(userId: string): Promise<string> {
    return this.create({ participantIds: [userId] });
  }
  createGroup(name: string, userIds: readonly string[]): Promise<string> {
    return this.create({ groupName: name, participantIds: userIds });
  }

  private async create(input: { participantIds: readonly string[]; groupName?: string }): Promise<string> {
    const chat = await this.rest.createChat(input);
    this.command({ t: 'adopt', chat });
    return String(chat['chatId']);
  }

  // ---- what is shown ----

  open(chatId: string): OpenConversation {
    return this.views.openConversation(chatId);
  }

  // ---- intents ----

  send(chatId: string, text: string, options: { replyTo?: string } = {}): string {
    const [tempId, kept] = [randomUuid(), storable(text)];
    this.command({ t: 'send', tempId, chatId, text: kept, ...options });
    const account = this.seat?.account;
    if (account !== undefined) this.views.echo(chatId, echoOf(account, tempId, kept));
    return tempId;
  }
  edit(chatId: string, messageId: string, text: string): void {
    this.command({ t: 'edit', tempId: randomUuid(), chatId, messageId, text: storable(text) });
  }
  remove(chatId: string, messageId: string): void {
    this.command({ t: 'delete', tempId: randomUuid(), chatId, messageId });
  }
  react(chatId: string, messageId: string, emoji: string, add: boolean): void {
    this.command({ t: 'react', tempId: randomUuid(), chatId, messageId, emoji, add });
  }
  pin(chatId: string, messageId: string, pinned: boolean): void {
    this.command({ t: 'pin', tempId: randomUuid(), chatId, messageId, pinned });
  }
  set(key: string, value: unknown, where: { chatId?: string; messageId?: string } = {}): void {
    this.command({ t: 'set', tempId: randomUuid(), key, value: value ?? null, ...where });
  }
  setDraft(chatId: string, text: string): void {
    this.set('draft', text === '' ? null : storable(text), { chatId });
  }
  markRead(chatId: string, seq: number): void {
    this.command({ t: 'read', chatId, seq });
  }
  setTyping(chatId: string, isTyping: boolean): void {
    this.command({ t: 'typing', chatId, isTyping });
  }
  retry(localId: string): void {
    this.command({ t: 'retry', localId });
  }
  discard(localId: string): void {
    this.command({ t: 'discard', localId });
  }

  private command(command: TabCommand): void {
    this.seat?.command(command);
  }

  trace(): Promise<Uint8Array<ArrayBuffer>> {
    return this.seat?.trace() ?? Promise.reject(new Error('nobody is signed in'));
  }

  // ---- the browser's own signals ----

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.seat?.setVisible(visible);
  }
  reconnectNow(): void {
    this.command({ t: 'reconnect' });
  }
  dispose(): void {
    this.disposed = true;
    clearTimeout(this.renewing);
    for (const stop of this.stops.splice(0)) stop();
    void this.seat?.end(false);
    this.seat = undefined;
  }
}

function personOf(account: Account): Person {
  const { userId, username, displayName } = account;
  return { userId, username, displayName };
}

/** As the core will show it, once it is there. */
function echoOf({ userId, displayName }: Account, tempId: string, text: string): MessageItem {
  const status = 'saving';
  return { localId: tempId, senderId: userId, senderName: displayName, own: true, text, time: Date.now(), status };
}

/** What no message can hold (a lone half of a surrogate pair, a NUL) as the replacement character. */
function storable(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, '\uFFFD');
}
