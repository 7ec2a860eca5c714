// An invented world for looking at the interface: people and chats with what fake_lines.ts says, and one
// chat of 5,000 messages.
import type { MessageItem } from '@godwit/core/types';

import { FakeClient, SIGNED_OUT } from './fake_client';
import {
  awkwardLines,
  created,
  DAY,
  directLines,
  groupLines,
  HOUR,
  MINUTE,
  statusLines,
  type Line,
} from './fake_lines';
import { asMember, ME, PEOPLE, person } from './fake_people';
import { makeChat } from './fake_views';

function items(chatId: string, lines: readonly Line[], now: number): MessageItem[] {
  return lines.map((line, index) => ({
    localId: `${chatId}-${index}`,
    messageId: `${chatId}${index}`,
    seq: index + 1,
    senderId: line.by,
    senderName: person(line.by).displayName,
    own: line.by === ME.userId,
    text: line.text,
    time: now - line.ago,
    status: line.status ?? 'read',
    ...line.extra,
  }));
}

function longItems(now: number): MessageItem[] {
  const lines = Array.from({ length: 5_000 }, (_, index): Line => {
    const words = 'the tide comes in over wet sand and goes out again '.repeat(
      1 + ((index * 7) % 5),
    );
    return {
      by: index % 3 === 0 ? ME.userId : '7309',
      text: `${index}: ${words.trim()}`,
      ago: (5_000 - index) * 11 * MINUTE,
    };
  });
  return items('8005', lines, now);
}

function addGroup(client: FakeClient, now: number): void {
  client.addChat(
    ...makeChat({
      chatId: '8002',
      title: 'Estuary watchers',
      members: [asMember(ME), ...PEOPLE.slice(0, 6).map(asMember)],
      items: items('8002', groupLines(), now),
      row: { unread: 2, pinned: true },
      conversation: { firstUnreadId: '8002-13' },
    }),
  );
}

function addLongChat(client: FakeClient, now: number): void {
  const long = longItems(now);
  const olena = person('7309');
  client.addChat(
    ...makeChat({
      chatId: '8005',
      title: olena.displayName,
      peerId: '7309',
      members: [asMember(ME), asMember(olena)],
      items: long.slice(-50),
      row: { muted: true, unread: 0 },
      conversation: { hasOlder: true },
    }),
    long.slice(0, -50),
  );
}

function addDirectChats(client: FakeClient, now: number): void {
  const direct = (chatId: string, peerId: string, lines: readonly Line[], row = {}): void => {
    const peer = person(peerId);
    client.addChat(
      ...makeChat({
        chatId,
        title: peer.displayName,
        peerId,
        members: [asMember(ME), asMember(peer)],
        items: items(chatId, lines, now),
        row,
      }),
    );
  };
  direct('8001', '7302', directLines(), { presence: { status: 'online' } });
  direct('8003', '7308', statusLines(), { presence: { status: 'away' }, time: now - 10 * MINUTE });
  direct('8004', '7304', awkwardLines(), {
    presence: { status: 'offline', lastSeen: now - 25 * MINUTE },
  });
  direct('8006', '7305', [{ by: '7305', text: 'また明日！', ago: DAY }], {
    draft: 'では、明日の朝に',
    unread: 0,
  });
  direct('8007', '7303', [{ by: '7303', text: 'شكراً جزيلاً', ago: 26 * HOUR }], {
    typing: ['ليلى حداد'],
    unread: 14,
  });
  direct('8008', '7311', [created('7311', 4 * DAY)]);
  direct('8009', '7310', [{ by: '7310', text: '你好，世界。今天怎么样？', ago: 9 * DAY }]);
  direct('8010', '7306', [{ by: ME.userId, text: 'See you at the station', ago: 12 * DAY }]);
}

export function makeWorld(): FakeClient {
  const client = new FakeClient({ ...SIGNED_OUT, session: ME });
  client.people = [ME, ...PEOPLE];
  const now = Date.now();
  client.sessionList = [
    {
      sessionId: '1',
      client: 'Chromium on Linux',
      createdAt: now - 9 * DAY,
      lastSeenAt: now,
      current: true,
    },
    {
      sessionId: '2',
      client: 'Firefox on Android',
      createdAt: now - 40 * DAY,
      lastSeenAt: now - 5 * HOUR,
      current: false,
    },
    {
      sessionId: '3',
      client: '',
      createdAt: now - 90 * DAY,
      lastSeenAt: now - 33 * DAY,
      current: false,
    },
  ];
  addDirectChats(client, now);
  addGroup(client, now);
  addLongChat(client, now);
  return client;
}
