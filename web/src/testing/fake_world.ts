// An invented world for looking at the interface: people and chats in many scripts, every status, long
// and awkward texts, and one chat of 5,000 messages.
import type { MessageItem, MessageStatus } from '@godwit/core/types';

import { FakeClient, SIGNED_OUT } from './fake_client';
import { asMember, ME, PEOPLE, person } from './fake_people';
import { makeChat } from './fake_views';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Line {
  readonly by: string;
  readonly text: string;
  readonly ago: number;
  readonly status?: MessageStatus;
  readonly extra?: Partial<MessageItem>;
}

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

const created = (by: string, ago: number): Line => ({
  by,
  text: '',
  ago,
  extra: { system: { kind: 'created' } },
});

function groupLines(): readonly Line[] {
  const [nino, layla, noam, haruka, oskar] = ['7302', '7303', '7304', '7305', '7307'];
  const me = ME.userId;
  return [
    created('7307', 2 * DAY + 3 * HOUR),
    {
      by: '7307',
      text: '',
      ago: 2 * DAY + 3 * HOUR - MINUTE,
      extra: { system: { kind: 'member_added', userId: '7305', role: 'member' } },
    },
    {
      by: oskar,
      text: 'Count at the mouth of the estuary this morning: 214 godwits, most of them still in full rust.',
      ago: 2 * DAY + 2 * HOUR,
    },
    {
      by: oskar,
      text: 'Tide table for the week: https://example.org/tides?place=rioni&week=47 (the second column is the one that matters).',
      ago: 2 * DAY + 2 * HOUR - MINUTE,
    },
    { by: nino, text: 'დილა მშვიდობისა! მე ხიდთან ვიქნები შვიდის ნახევარზე.', ago: DAY + 5 * HOUR },
    { by: nino, text: 'ვინმეს აქვს თავისუფალი ბინოკლი? 🔭', ago: DAY + 5 * HOUR - MINUTE },
    { by: layla, text: 'عندي منظار إضافي، سأحضره معي.', ago: DAY + 4 * HOUR },
    { by: layla, text: 'موعدنا 06:30 عند الجسر، أليس كذلك؟', ago: DAY + 4 * HOUR - MINUTE },
    { by: me, text: 'Yes, 06:30 at the bridge. I bring coffee.', ago: DAY + 3 * HOUR },
    { by: noam, text: 'אני מצטרף, אבל אגיע קצת באיחור.', ago: 3 * HOUR },
    {
      by: haruka,
      text: '写真を何枚か撮りました。オオソリハシシギが一列に並んで飛んでいましたよ。',
      ago: 2 * HOUR,
    },
    { by: haruka, text: '👏👏', ago: 2 * HOUR - MINUTE },
    {
      by: me,
      text: 'Eleven days over open sea. And we complain about the bus.',
      ago: 40 * MINUTE,
      extra: { reactions: [{ emoji: '😄', userIds: ['7302', '7307'], own: false }] },
    },
    {
      by: oskar,
      text: 'Ha! Which one of you has the tide table?',
      ago: 12 * MINUTE,
      extra: {
        replyTo: {
          messageId: 'x',
          senderName: 'Oskar Lindqvist',
          text: 'Tide table for the week: https://example.org/tides',
        },
      },
    },
    { by: layla, text: 'أنا معي الجدول 👍', ago: 8 * MINUTE },
  ];
}

function directLines(): readonly Line[] {
  const nino = '7302';
  const me = ME.userId;
  return [
    created(nino, 3 * DAY),
    { by: nino, text: 'გამარჯობა, როგორ ხარ?', ago: DAY + 2 * HOUR },
    {
      by: me,
      text: 'კარგად, მადლობა! Just back from the shore.',
      ago: DAY + 2 * HOUR - 3 * MINUTE,
    },
    { by: me, text: 'It was windy, but the light was worth it.', ago: DAY + 2 * HOUR - 4 * MINUTE },
    { by: nino, text: 'ფოტოები მაჩვენე 😊', ago: DAY + HOUR },
    { by: nino, text: '❤️', ago: DAY + HOUR - MINUTE },
    {
      by: me,
      text: 'Tomorrow, when the network here is better. The list so far:\n  – bar-tailed godwit, 214\n  – curlew, 31\n  – dunlin, too many to count',
      ago: 50 * MINUTE,
    },
    {
      by: nino,
      text: 'Perfect. And write to the harbour office, please: harbour@example.org',
      ago: 30 * MINUTE,
    },
    { by: nino, text: 'ქართული ენა 🇬🇪 და English ერთად — it just works.', ago: 29 * MINUTE },
    { by: me, text: 'Done, they answered at once.', ago: 20 * MINUTE },
    { by: me, text: 'The boat leaves at 06:30.', ago: 6 * MINUTE, status: 'delivered' },
    { by: me, text: 'I keep a place for you', ago: 5 * MINUTE, status: 'sent' },
  ];
}

function statusLines(): readonly Line[] {
  const me = ME.userId;
  const all: readonly MessageStatus[] = [
    'read',
    'delivered',
    'sent',
    'sending',
    'queued',
    'saving',
    'unsaved',
  ];
  return [
    created(me, 2 * HOUR),
    { by: '7308', text: 'Every state once, please.', ago: HOUR },
    ...all.map((status, index): Line => ({
      by: me,
      text: `This one is ${status}.`,
      ago: 20 * MINUTE - index * 1000,
      status,
    })),
    {
      by: me,
      text: 'And this one was refused, though it is long enough to wrap over more than one line on a phone.',
      ago: 10 * MINUTE,
      status: 'failed',
      extra: { failure: { code: 'forbidden' } },
    },
    { by: '7308', text: '', ago: 9 * MINUTE, extra: { deleted: true } },
  ];
}

function awkwardLines(): readonly Line[] {
  const texts = [
    'mixed: abc שלום 123 مرحبا xyz',
    'नमस्ते दुनिया',
    '안녕하세요 세계 · สวัสดีชาวโลก',
    '👩‍👩‍👧‍👦 👨🏽‍🚀 🏳️‍🌈',
    'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́O',
    '<script>alert(1)</script>',
    'javascript:alert(1) http://example.org/?q=<b>&amp;',
    '\u200e\u200f\u202e reversed \u202c end',
    '   leading and trailing kept   ',
    'a'.repeat(600),
    Array.from({ length: 40 }, (_, line) => `line ${line + 1} of a long note`).join('\n'),
  ];
  return [
    created('7304', 5 * HOUR),
    ...texts.map((text, index): Line => ({
      by: index % 3 === 2 ? ME.userId : '7304',
      text,
      ago: 4 * HOUR - index * 7 * MINUTE,
    })),
  ];
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

function addChats(client: FakeClient, now: number): void {
  const me = asMember(ME);
  const direct = (chatId: string, peerId: string, lines: readonly Line[], row = {}): void => {
    const peer = person(peerId);
    client.addChat(
      ...makeChat({
        chatId,
        title: peer.displayName,
        peerId,
        members: [me, asMember(peer)],
        items: items(chatId, lines, now),
        row,
      }),
    );
  };
  direct('8001', '7302', directLines(), { presence: { status: 'online' } });
  client.addChat(
    ...makeChat({
      chatId: '8002',
      title: 'Estuary watchers',
      members: [me, ...PEOPLE.slice(0, 6).map(asMember)],
      items: items('8002', groupLines(), now),
      row: { unread: 2, pinned: true },
      conversation: { firstUnreadId: '8002-13' },
    }),
  );
  direct('8003', '7308', statusLines(), { presence: { status: 'away' }, time: now - 10 * MINUTE });
  direct('8004', '7304', awkwardLines(), {
    presence: { status: 'offline', lastSeen: now - 25 * MINUTE },
  });
  const long = longItems(now);
  const olena = person('7309');
  client.addChat(
    ...makeChat({
      chatId: '8005',
      title: olena.displayName,
      peerId: '7309',
      members: [me, asMember(olena)],
      items: long.slice(-50),
      row: { muted: true, unread: 0 },
      conversation: { hasOlder: true },
    }),
    long.slice(0, -50),
  );
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
  addChats(client, now);
  return client;
}
