/** The picture that a tab leaves: what is in it, when it is taken, and how it gives way to the core. */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { LastPicture, type Picture } from '../../src/last_picture';
import type { ChatRow, Conversation, MessageItem, MessageStatus } from '../../src/types';
import { Views } from '../../src/views';
import { fakeStorage } from './fake_storage';

const message = (seq: number, status: MessageStatus = 'read', text = `line ${seq}`): MessageItem => ({
  localId: `m${seq}`, messageId: `${seq}`, seq, senderId: '12', senderName: 'Ben', own: false, time: seq, text, status,
});
const queued: MessageItem = { localId: 't-1', senderId: '11', senderName: 'Ana', own: true, time: 99, text: 'waits', status: 'queued' };

const row = (chatId: string, status: MessageStatus = 'read'): ChatRow => ({
  chatId, type: 'direct', title: 'Ben', peerId: '12', memberCount: 2,
  preview: { text: 'last', own: false, senderName: 'Ben', status },
  time: 5, unread: 0, pinned: false, muted: false, archived: false, typing: ['Ben'], presence: { status: 'online' },
});

const chat = (items: readonly MessageItem[]): Conversation => ({
  chatId: '7', type: 'direct', title: 'Ben', peerId: '12', members: [], items, hasOlder: false, loadingOlder: true,
  unread: 0, draft: 'half a', typing: [{ userId: '12', name: 'Ben' }], presence: { status: 'online' }, canSend: true,
});

/** What the next start reads of what was shown when this one was left. */
function kept(shown: Picture, storage = fakeStorage()): Picture | undefined {
  new LastPicture(storage, '1').write('11', shown);
  return new LastPicture(storage, '1').read('11');
}

test('[LP2] a picture has what the server has confirmed, and nobody writing or there', () => {
  const lines = Array.from({ length: 60 }, (_, at) => message(at + 1));
  const picture = kept({ chats: [row('7'), row('8', 'queued')], conversation: chat([...lines, message(61, 'failed'), queued]) });
  assert.deepEqual(picture?.conversation?.items, lines.slice(-50));
  const { hasOlder, loadingOlder, draft, typing, presence, title } = picture?.conversation as Conversation;
  assert.deepEqual([hasOlder, loadingOlder, draft, typing, presence, title], [true, false, '', [], undefined, 'Ben']);
  assert.deepEqual(picture?.chats.map(({ preview }) => preview?.text), ['last', undefined]);
  assert.deepEqual(picture?.chats.map(({ typing: writing, presence: seen }) => [writing, seen]), [[[], undefined], [[], undefined]]);
});

test('[LP2] a picture has forty chats at most, and no open chat where none is', () => {
  const picture = kept({ chats: Array.from({ length: 100 }, (_, at) => row(String(at + 1))) });
  assert.equal(picture?.chats.length, 40);
  assert.equal(picture?.conversation, undefined);
});

test('[LP3] a picture of somebody else, of another build, or that is not whole is none', () => {
  const storage = fakeStorage();
  assert.ok(kept({ chats: [row('7')] }, storage));
  const text = storage.getItem('godwit.picture') ?? '';
  for (const [userId, version] of [['12', '1'], ['11', '2']] as const) {
    storage.setItem('godwit.picture', text);
    assert.equal(new LastPicture(storage, version).read(userId), undefined);
    assert.equal(storage.getItem('godwit.picture'), null, 'nobody else can read it either');
  }
  for (const harmed of ['', 'x', '\n', '{}', text.slice(0, -1), text.replace('"Ben"', '"Bob"'), `${text} `, text.replace('\n', '')]) {
    storage.setItem('godwit.picture', harmed);
    assert.equal(new LastPicture(storage, '1').read('11'), undefined, harmed);
    if (harmed !== '') assert.equal(storage.getItem('godwit.picture'), null, harmed);
  }
  storage.setItem('godwit.picture', text);
  assert.ok(new LastPicture(storage, '1').read('11'));
});

test('[LP2] a chat of which the server has no message yet is not in it: it would be shown as an empty one', () => {
  const created: MessageItem = { ...message(1), system: { kind: 'created' } };
  assert.equal(kept({ chats: [row('7')], conversation: chat([created, queued]) })?.conversation, undefined);
  assert.equal(kept({ chats: [row('7')], conversation: chat([created, message(2)]) })?.conversation?.items.length, 2);
});

test('[LP1] of very long messages a picture has as many as there is room for', () => {
  const long = chat(Array.from({ length: 60 }, (_, at) => message(at + 1, 'read', 'x'.repeat(16_000))));
  const { chats, conversation } = kept({ chats: [row('7')], conversation: long }) as Picture;
  assert.equal(chats.length, 1);
  assert.equal(conversation?.hasOlder, true);
  assert.deepEqual(conversation?.items.map(({ seq }) => seq), [...Array(16).keys()].map((at) => 45 + at));
  const huge = chat([message(1, 'read', 'x'.repeat(300_000))]);
  assert.deepEqual(Object.keys(kept({ chats: [row('7')], conversation: huge }) as Picture), ['chats']);
});

test('[LP3] what is too long to keep, or finds no room, leaves no older picture', () => {
  const storage = fakeStorage();
  kept({ chats: [row('7')] }, storage);
  assert.equal(kept({ chats: [{ ...row('7'), draft: 'x'.repeat(300_000) }] }, storage), undefined);
  assert.equal(storage.getItem('godwit.picture'), null);
  kept({ chats: [row('7')] }, storage);
  const full: Storage = { ...storage, setItem: () => { throw new Error('full'); }, removeItem: (key) => storage.removeItem(key) };
  new LastPicture(full, '1').write('11', { chats: [] });
  assert.equal(storage.getItem('godwit.picture'), null);
});

test('[LP3] where storage is blocked, or there is none, there is no picture and no fault', () => {
  const blocked = new Proxy(fakeStorage(), { get: () => () => { throw new Error('blocked'); } });
  for (const storage of [blocked, undefined]) {
    const pictures = new LastPicture(storage, '1');
    pictures.write('11', { chats: [] });
    pictures.remove();
    assert.equal(pictures.read('11'), undefined);
  }
});

test('[LP6] a picture is renewed when it says something else; a hidden tab leaves alone that of another', () => {
  const storage = fakeStorage();
  let writes = 0;
  const counting: Storage = { ...storage, getItem: storage.getItem, removeItem: storage.removeItem, setItem: (...words) => { writes += 1; storage.setItem(...words); } };
  const [mine, other] = [new LastPicture(counting, '1'), new LastPicture(counting, '1')];
  const of = (text: string): Picture => ({ chats: [row('7')], conversation: chat([message(1, 'read', text)]) });
  const text = (): string | undefined => new LastPicture(storage, '1').read('11')?.conversation?.items[0]?.text;
  for (const hidden of [true, false, true]) mine.renew('11', of('b'), hidden);
  assert.deepEqual([text(), writes], ['b', 1]);
  mine.renew('11', of('c'), true);
  other.renew('11', of('d'), true);
  assert.deepEqual([text(), writes], ['c', 2]);
  other.renew('11', of('d'), false);
  mine.renew('11', of('e'), true);
  assert.deepEqual([text(), writes], ['d', 3]);
});

const kNobody = { open: () => undefined, close: () => undefined, older: () => undefined };
const said = (patch: object): string => JSON.stringify({ reset: true, ...patch });
const listed = (...rows: readonly ChatRow[]): string => said({ fields: { loaded: true }, moves: rows.map((one, at) => [-1, at, one]) });
const picture: Picture = { chats: [{ ...row('7'), typing: [] }, { ...row('8'), typing: [] }], conversation: chat([message(1), message(2)]) };

test('[LP1] [LP4] a picture is shown until the core shows its own, and what that shows the same stays the same object', () => {
  const views = new Views(kNobody);
  views.begin(picture);
  assert.equal(views.chats.get(), picture.chats);
  const opened = views.openConversation('7');
  assert.deepEqual(opened.get()?.items, [message(1), message(2)]);
  assert.equal(views.openConversation('8').get(), undefined, 'it is of one chat');
  const [first] = opened.get()?.items ?? [];
  views.show(2, listed(...picture.chats));
  assert.ok(views.chats.get()?.every((one, at) => one === picture.chats[at]));
  const { items: _items, ...fields } = chat([]);
  views.show(3, said({ fields, splice: [0, 0, [message(1), message(2), message(3)]] }));
  assert.deepEqual(opened.get()?.items.map(({ seq }) => seq), [1, 2, 3]);
  assert.equal(opened.get()?.items[0], first);
});

test('[LP4] of a chat that the core does not know nothing is left, nor is a picture shown once it has spoken', () => {
  const views = new Views(kNobody);
  views.begin(picture);
  const opened = views.openConversation('7');
  views.show(2, listed(row('8')));
  assert.equal(opened.get(), undefined);
  assert.deepEqual(views.chats.get()?.map(({ chatId }) => chatId), ['8']);
  assert.equal(views.openConversation('7').get(), undefined);
});

test('[LP1] what is kept is what the core shows, with the chat that was opened last, and never a picture again', () => {
  const views = new Views(kNobody);
  views.begin(picture);
  const opened = views.openConversation('7');
  assert.equal(views.picture(), undefined);
  views.show(2, listed(row('7'), row('8')));
  assert.deepEqual(views.picture(), { chats: views.chats.get() });
  views.show(3, said({ fields: { title: 'Ben' }, splice: [0, 0, [message(9)]] }));
  assert.deepEqual(views.picture()?.conversation?.items, [message(9)]);
  opened.close();
  assert.deepEqual(views.picture(), { chats: views.chats.get() });
  views.clear();
  assert.equal(views.picture(), undefined);
});

test('[LP7] older messages that are asked for over a picture are asked for once, when the core is there', async () => {
  const asked: number[] = [];
  const views = new Views({ ...kNobody, older: (_view, request) => asked.push(request) });
  views.begin({ chats: [], conversation: { ...chat([message(7)]), hasOlder: true, loadingOlder: false } });
  const opened = views.openConversation('7');
  const all = Promise.all([opened.loadOlder(), opened.loadOlder()]);
  await Promise.resolve();
  assert.deepEqual(asked, []);
  views.show(3, said({ fields: { chatId: '7', hasOlder: true }, splice: [0, 0, [message(7)]] }));
  const later = opened.loadOlder();
  while (asked.length === 0) await Promise.resolve();
  assert.deepEqual(asked, [1]);
  views.olderDone(1);
  await Promise.all([all, later]);
  void opened.loadOlder();
  assert.deepEqual(asked, [1, 2], 'the next are asked for anew');
});

test('[LP7] who waits for older messages over a picture does so no longer once it is closed, or gone', async () => {
  const views: Views = new Views({ ...kNobody, older: (_view, request) => views.olderDone(request) });
  views.begin({ chats: [], conversation: { ...chat([message(7)]), hasOlder: true } });
  const [closed, gone] = [views.openConversation('7'), views.openConversation('7')];
  const waiting = [closed.loadOlder(), gone.loadOlder()];
  closed.close();
  views.clear();
  await Promise.all(waiting);
});

test('[LP7] what is said over a picture stands below it, until the core shows it in its place', () => {
  const views = new Views(kNobody);
  views.begin(picture);
  const [opened, other] = [views.openConversation('7'), views.openConversation('8')];
  const early: MessageItem = { ...queued, status: 'saving' };
  views.echo('7', early);
  assert.deepEqual(opened.get()?.items, [message(1), message(2), early]);
  assert.equal(opened.get()?.remembered, true);
  assert.equal(other.get(), undefined);
  assert.deepEqual(views.openConversation('7').get()?.items, opened.get()?.items, 'also for who opens it again');
  const { items: _items, ...fields } = chat([]);
  views.show(3, said({ fields, splice: [0, 0, [message(1), message(2), message(3), queued]] }));
  assert.deepEqual(opened.get()?.items, [message(1), message(2), message(3), queued]);
  assert.equal(opened.get()?.remembered, undefined);
  views.echo('7', { ...early, localId: 't-2' });
  assert.equal(opened.get()?.items.length, 4, 'the core itself shows what is said to it');
});
