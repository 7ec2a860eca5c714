// Small makers of view values, for tests and for the invented world.
import type { ChatRow, Conversation, MessageItem, Participant } from '@godwit/core/types';

export function previewOf(item: MessageItem): NonNullable<ChatRow['preview']> {
  return {
    text: (item.text ?? '').slice(0, 200),
    own: item.own,
    senderName: item.senderName,
    status: item.status,
    ...(item.system === undefined ? {} : { system: item.system }),
    ...(item.deleted === undefined ? {} : { deleted: item.deleted }),
  };
}

export function byActivity(a: ChatRow, b: ChatRow): number {
  if (a.pinned !== b.pinned) return a.pinned ? -1 : 1;
  return b.time - a.time;
}

export function makeItem(change: Partial<MessageItem> & { readonly localId: string }): MessageItem {
  return {
    senderId: '2',
    senderName: 'Nino',
    own: false,
    text: 'hello',
    time: Date.UTC(2026, 10, 21, 9, 0),
    status: 'read',
    seq: 2,
    ...change,
  };
}

interface ChatSeed {
  readonly chatId: string;
  readonly title: string;
  readonly peerId?: string;
  readonly members: readonly Participant[];
  readonly items: readonly MessageItem[];
  readonly row?: Partial<ChatRow>;
  readonly conversation?: Partial<Conversation>;
}

export function makeChat(seed: ChatSeed): readonly [ChatRow, Conversation] {
  const type = seed.peerId === undefined ? 'group' : 'direct';
  const last = seed.items[seed.items.length - 1];
  const peer = seed.peerId === undefined ? {} : { peerId: seed.peerId };
  const row: ChatRow = {
    chatId: seed.chatId,
    type,
    title: seed.title,
    ...peer,
    memberCount: seed.members.length,
    ...(last === undefined ? {} : { preview: previewOf(last) }),
    time: last?.time ?? 0,
    unread: 0,
    pinned: false,
    muted: false,
    archived: false,
    typing: [],
    ...seed.row,
  };
  const conversation: Conversation = {
    chatId: seed.chatId,
    type,
    title: seed.title,
    ...peer,
    members: seed.members,
    items: seed.items,
    hasOlder: false,
    loadingOlder: false,
    unread: row.unread,
    draft: row.draft ?? '',
    typing: [],
    canSend: true,
    ...(row.presence === undefined ? {} : { presence: row.presence }),
    ...seed.conversation,
  };
  return [row, conversation];
}
