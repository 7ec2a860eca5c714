// What is said in the invented world: many scripts, every status, long and awkward texts.
import type { MessageItem, MessageStatus } from '@godwit/core/types';

import { ME } from './fake_people';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Line {
  readonly by: string;
  readonly text: string;
  readonly ago: number;
  readonly status?: MessageStatus;
  readonly extra?: Partial<MessageItem>;
}

export const created = (by: string, ago: number): Line => ({
  by,
  text: '',
  ago,
  extra: { system: { kind: 'created' } },
});

// The regulars of the group.
const NINO = '7302';
const LAYLA = '7303';
const NOAM = '7304';
const HARUKA = '7305';
const OSKAR = '7307';

function groupBegins(): readonly Line[] {
  return [
    created(OSKAR, 2 * DAY + 3 * HOUR),
    {
      by: OSKAR,
      text: '',
      ago: 2 * DAY + 3 * HOUR - MINUTE,
      extra: { system: { kind: 'member_added', userId: HARUKA, role: 'member' } },
    },
    {
      by: OSKAR,
      text: 'Count at the mouth of the estuary this morning: 214 godwits, most of them still in full rust.',
      ago: 2 * DAY + 2 * HOUR,
    },
    {
      by: OSKAR,
      text: 'Tide table for the week: https://example.org/tides?place=rioni&week=47 (the second column is the one that matters).',
      ago: 2 * DAY + 2 * HOUR - MINUTE,
    },
  ];
}

function groupYesterday(): readonly Line[] {
  return [
    { by: NINO, text: 'დილა მშვიდობისა! მე ხიდთან ვიქნები შვიდის ნახევარზე.', ago: DAY + 5 * HOUR },
    { by: NINO, text: 'ვინმეს აქვს თავისუფალი ბინოკლი? 🔭', ago: DAY + 5 * HOUR - MINUTE },
    { by: LAYLA, text: 'عندي منظار إضافي، سأحضره معي.', ago: DAY + 4 * HOUR },
    { by: LAYLA, text: 'موعدنا 06:30 عند الجسر، أليس كذلك؟', ago: DAY + 4 * HOUR - MINUTE },
    { by: ME.userId, text: 'Yes, 06:30 at the bridge. I bring coffee.', ago: DAY + 3 * HOUR },
  ];
}

function groupToday(): readonly Line[] {
  return [
    { by: NOAM, text: 'אני מצטרף, אבל אגיע קצת באיחור.', ago: 3 * HOUR },
    {
      by: HARUKA,
      text: '写真を何枚か撮りました。オオソリハシシギが一列に並んで飛んでいましたよ。',
      ago: 2 * HOUR,
    },
    { by: HARUKA, text: '👏👏', ago: 2 * HOUR - MINUTE },
    {
      by: ME.userId,
      text: 'Eleven days over open sea. And we complain about the bus.',
      ago: 40 * MINUTE,
      extra: { reactions: [{ emoji: '😄', userIds: [NINO, OSKAR], own: false }] },
    },
    {
      by: OSKAR,
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
    { by: LAYLA, text: 'أنا معي الجدول 👍', ago: 8 * MINUTE },
  ];
}

export function directLines(): readonly Line[] {
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

export function statusLines(): readonly Line[] {
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

export function awkwardLines(): readonly Line[] {
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

export function groupLines(): readonly Line[] {
  return [...groupBegins(), ...groupYesterday(), ...groupToday()];
}
