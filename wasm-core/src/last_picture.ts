/**
 * What a tab showed when it was last left: the head of the list of chats and the end of the open chat.
 * The next start puts it on the screen at once, until the core, which has to read its storage first,
 * shows what is true (docs/sync-spec.md, LP). It stands in `localStorage`, which is read without
 * waiting; one for each browser, of the person who was signed in.
 *
 * Only what the server has confirmed is in it: nothing that waits can be seen as sent or queued on the
 * word of a picture.
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
  /** Without storage no picture is kept. `version`: of the app, each of which reads its own alone. */
  constructor(
    private readonly storage: Storage | undefined,
    private readonly version: string,
  ) {}

  /** Undefined where there is none of this person, and where what stands there is not whole. */
  read(userId: string): Picture | undefined {
    try {
      const [head = '', json = ''] = split(this.storage?.getItem(KEY) ?? '');
      return head === this.headOf(userId, json) ? (JSON.parse(json) as Picture) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Replaces what stands there, whoever it is of. */
  write(userId: string, shown: Picture): void {
    const json = JSON.stringify(reduced(shown));
    try {
      if (json.length > CHARACTERS_MAX) this.storage?.removeItem(KEY);
      else this.storage?.setItem(KEY, `${this.headOf(userId, json)}\n${json}`);
    } catch {
      this.remove(); // full: an old picture is worse than none
    }
  }

  remove(): void {
    try {
      this.storage?.removeItem(KEY);
    } catch {
      // Blocked storage holds no picture.
    }
  }

  private headOf(userId: string, json: string): string {
    return `${this.version} ${userId} ${json.length} ${fnv1a32(json)}`;
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

function reduced({ chats, conversation }: Picture): Picture {
  const rows = chats.slice(0, ROWS_MAX).map(restingRow);
  return conversation === undefined ? { chats: rows } : { chats: rows, conversation: resting(conversation) };
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

/** The end of it, at rest: nobody is writing or there, nothing is being loaded. */
function resting(conversation: Conversation): Conversation {
  const confirmed = conversation.items.filter(isConfirmed);
  const items = confirmed.slice(-MESSAGES_MAX);
  const hasOlder = conversation.hasOlder || items.length < confirmed.length;
  // The composer takes over the core's draft, which may be newer.
  const rest: Changing<Conversation> = { ...conversation, items, hasOlder, loadingOlder: false, draft: '', typing: [] };
  delete rest.presence;
  return rest;
}
