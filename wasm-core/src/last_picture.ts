/**
 * What a tab showed when it was last left: the head of the list of chats and the end of the open chat.
 * The next start puts it on the screen at once, until the core, which has to read its storage first,
 * shows what is true (docs/sync-spec.md, LP). It stands in `localStorage`, which is read without
 * waiting; one for each browser, of the person who was signed in.
 *
 * Only what the server has confirmed is in it: nothing that waits can be seen as sent or queued on the
 * word of a picture. While the app is open it follows what is shown, so that what was deleted does not
 * outlast its deletion in it.
 */
import type { ChatRow, Conversation, MessageItem, MessageStatus } from './types';

export interface Picture {
  readonly chats: readonly ChatRow[];
  readonly conversation?: Conversation;
}

const KEY = 'godwit.picture';
const ROWS_MAX = 40;
const MESSAGES_MAX = 50;
const CHARACTERS_MAX = 256 * 1024; // as JSON; the origin has some five million

const CONFIRMED: ReadonlySet<MessageStatus> = new Set(['sent', 'delivered', 'read']);

export class LastPicture {
  /** What this page has put there last. */
  private written: string | undefined;

  /** Without storage no picture is kept. `build`: of the app, each of which reads its own alone. */
  constructor(
    private readonly storage: Storage | undefined,
    private readonly build: string,
  ) {}

  /** Undefined where there is none of this person; what stands there of another, or is not whole, is removed. */
  read(userId: string): Picture | undefined {
    try {
      const text = this.storage?.getItem(KEY) ?? '';
      const [head = '', json = ''] = split(text);
      if (text !== '' && head === this.headOf(userId, json)) return JSON.parse(json) as Picture;
      if (text !== '') this.remove();
    } catch {
      // Blocked storage holds no picture.
    }
    return undefined;
  }

  /** Replaces what stands there, whoever it is of. */
  write(userId: string, shown: Picture): void {
    this.put(this.textOf(userId, shown));
  }

  /** While the page is there: writes what has changed. A hidden page leaves alone what another has put there. */
  renew(userId: string, shown: Picture, hidden: boolean): void {
    const text = this.textOf(userId, shown);
    const before = this.stored();
    if (text !== before && (!hidden || before === this.written)) this.put(text);
  }

  remove(): void {
    try {
      this.storage?.removeItem(KEY);
    } catch {
      // Blocked storage holds no picture.
    }
  }

  private put(text: string | undefined): void {
    this.written = text;
    if (text === undefined) return this.remove();
    try {
      this.storage?.setItem(KEY, text);
    } catch {
      this.remove(); // full: an old picture is worse than none
    }
  }

  private stored(): string | undefined {
    try {
      return this.storage?.getItem(KEY) ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** With as many messages as there is room for; undefined where not even the list has it. */
  private textOf(userId: string, shown: Picture): string | undefined {
    for (let messages = MESSAGES_MAX; ; messages = Math.floor(messages / 3)) {
      const json = JSON.stringify(reduced(shown, messages));
      if (json.length <= CHARACTERS_MAX) return `${this.headOf(userId, json)}\n${json}`;
      if (messages === 0) return undefined;
    }
  }

  private headOf(userId: string, json: string): string {
    return `${this.build} ${userId} ${json.length} ${fnv1a32(json)}`;
  }
}

function split(text: string): readonly string[] {
  const end = text.indexOf('\n');
  return end < 0 ? [] : [text.slice(0, end), text.slice(end + 1)];
}

/** FNV-1a over UTF-16 code units: tells what a disk has mixed up, not what somebody has forged. */
function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function reduced({ chats, conversation }: Picture, messages: number): Picture {
  const rows = chats.slice(0, ROWS_MAX).map(restingRow);
  const rest = conversation === undefined ? undefined : resting(conversation, messages);
  return rest === undefined ? { chats: rows } : { chats: rows, conversation: rest };
}

type Changing<T> = { -readonly [Name in keyof T]: T[Name] };

/** Copies with the fields where they were: what comes from the core the same is then not drawn again. */
function restingRow(row: ChatRow): ChatRow {
  const resting: Changing<ChatRow> = { ...row, typing: [] };
  delete resting.presence;
  if (row.preview !== undefined && !CONFIRMED.has(row.preview.status)) delete resting.preview;
  return resting;
}

function isConfirmed(item: MessageItem): boolean {
  return item.seq !== undefined && CONFIRMED.has(item.status);
}

/** The end of it, at rest: nobody is writing or there, nothing is being loaded. Undefined where it would show nothing. */
function resting(conversation: Conversation, messages: number): Conversation | undefined {
  const confirmed = conversation.items.filter(isConfirmed);
  const items = confirmed.slice(Math.max(0, confirmed.length - messages));
  if (items.every(({ system }) => system !== undefined)) return undefined; // would say that the chat is empty
  const hasOlder = conversation.hasOlder || items.length < confirmed.length;
  // The composer takes over the core's draft, which may be newer.
  const rest: Changing<Conversation> = { ...conversation, items, hasOlder, loadingOlder: false, draft: '', typing: [] };
  delete rest.presence;
  return rest;
}
