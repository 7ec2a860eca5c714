// What is private to a person, and what passes and is not stored: watermarks, typing, presence.
import assert from 'node:assert/strict';

import { check } from '../../support/checks.mjs';
import { Peer } from './peer.mjs';
import { assert_problem, direct_chat, group_chat, person, rest, start } from './stage.mjs';

const server = await start();
const [ana, bea, cid] = await Promise.all([person(server, 'Ana'), person(server, 'Bea'), person(server, 'Cid')]);
const { chatId } = await direct_chat(ana, bea);
const a = await Peer.of(ana);
const a2 = await Peer.of(ana);
const b = await Peer.of(bea);

await check('[PV2] private state goes to the person\'s own connections alone, in the order of userSeq', async () => {
  const said = await b.say(chatId, 'star this');
  const items = [
    { key: 'star', chatId, messageId: said.messageId, value: true },
    { key: 'hidden', chatId, messageId: said.messageId, value: true },
    { key: 'draft', chatId, value: { text: 'half a thought', at: 1.5 } },
    { key: 'mute', chatId, value: true },
    { key: 'archived', chatId, value: true },
    { key: 'pinnedChat', chatId, value: 1 },
    { key: 'setting.theme', value: 'dark' },
  ];
  const seqs = [];
  for (const item of items) {
    const ack = await a.ask({ type: 'set', ...item });
    assert.equal(ack.type, 'ack', JSON.stringify(ack));
    seqs.push(ack.userSeq);
    for (const peer of [a, a2]) {
      const frame = await peer.next((f) => f.type === 'user' && f.userSeq === ack.userSeq, 'user');
      const { type, userSeq, tempId, ...rest_of_it } = frame;
      assert.deepEqual(rest_of_it, item);
      assert.equal(tempId, ack.tempId);
    }
  }
  assert.deepEqual(seqs, seqs.map((_, at) => seqs[0] + at));
  await b.say(chatId, 'and nothing of it here');
  assert.equal(b.log.some((f) => f.type === 'user'), false);
});

await check('[DD5] [PV1] the same value again changes nothing; null removes', async () => {
  const first = await a.ask({ type: 'set', key: 'setting.lang', value: 'ka' });
  const same = await a.ask({ type: 'set', key: 'setting.lang', value: 'ka' });
  assert.equal(same.userSeq, first.userSeq);
  const removed = await a.ask({ type: 'set', key: 'setting.lang', value: null });
  assert.ok(removed.userSeq > first.userSeq);
  const frame = await a2.next((f) => f.type === 'user' && f.userSeq === removed.userSeq);
  assert.equal(frame.value, null);
});

await check('[WI34] a key that does not exist, or lacks its chat or message, is refused', async () => {
  for (const item of [
    { key: 'nonsense', value: 1 },
    { key: 'star', chatId, value: true },
    { key: 'draft', value: 'x' },
    { key: 'setting.theme', chatId, value: 'x' },
  ]) {
    assert.equal((await a.ask({ type: 'set', ...item })).code, 'invalid_content', JSON.stringify(item));
  }
  const missing = await a.ask({ type: 'set', key: 'star', chatId, messageId: '1', value: true });
  assert.equal(missing.code, 'not_found');
});

await check('[RC1] [RC20] delivered and read reach the others, read raises delivered', async () => {
  const said = await a.say(chatId, 'read me');
  b.send({ type: 'read', chatId, seq: said.seq });
  const seen = { delivered: 0, read: 0 };
  while (seen.read < said.seq || seen.delivered < said.seq) {
    const frame = await a.next((f) => f.type === 'receipts' && f.chatId === chatId, 'receipts');
    seen.delivered = frame.delivered?.[bea.userId] ?? seen.delivered;
    seen.read = frame.read?.[bea.userId] ?? seen.read;
  }
  const state = await ana.call('GET', `/chats/${chatId}`);
  assert.equal(state.receipts.read[bea.userId], said.seq);
  assert.equal(state.receipts.delivered[bea.userId], said.seq);
});

await check('[RC1] a watermark never goes back and never passes the head', async () => {
  const said = await a.say(chatId, 'head');
  b.send({ type: 'read', chatId, seq: 1 });
  b.send({ type: 'read', chatId, seq: 9_007_199_254_740_991 });
  const done = await rest(server, 'POST', `/chats/${chatId}/read`, { as: bea, body: { seq: said.seq } });
  assert.equal(done.status, 204);
  const state = await bea.call('GET', `/chats/${chatId}`);
  assert.equal(state.receipts.read[bea.userId], said.seq);
  assert.ok(state.receipts.read[bea.userId] <= state.head);
});

await check('[RC5] unread counts what others wrote after the read watermark', async () => {
  const group = await group_chat(ana, [bea, cid]);
  const first = await a.say(group.chatId, '1');
  const second = await a.say(group.chatId, '2');
  await a.say(group.chatId, '3');
  const unread = async (who) => (await who.call('GET', `/chats/${group.chatId}`)).unread;
  assert.equal(await unread(bea), 3);
  assert.equal(await unread(ana), 0);
  await rest(server, 'POST', `/chats/${group.chatId}/read`, { as: bea, body: { seq: first.seq } });
  assert.equal(await unread(bea), 2);
  await a.ask({ type: 'delete', chatId: group.chatId, messageId: second.messageId });
  assert.equal(await unread(bea), 1);
  await b.say(group.chatId, 'mine');
  assert.equal(await unread(bea), 1);
});

await check('[RO1] watermarks by REST are for members', async () => {
  for (const mark of ['read', 'delivered']) {
    assert_problem(await rest(server, 'POST', `/chats/${chatId}/${mark}`, { as: cid, body: { seq: 1 } }), 404, 'not_found');
    assert_problem(await rest(server, 'POST', `/chats/${chatId}/${mark}`, { as: ana, body: { seq: -1 } }), 400, 'bad_frame');
  }
});

await check('[LV1] typing reaches the other members, not oneself', async () => {
  b.send({ type: 'typing', chatId, isTyping: true });
  const frame = await a.next((f) => f.type === 'typing' && f.isTyping, 'typing');
  assert.deepEqual(frame, { type: 'typing', chatId, userId: bea.userId, isTyping: true });
  b.send({ type: 'typing', chatId, isTyping: false });
  await a.next((f) => f.type === 'typing' && !f.isTyping, 'typing ends');
  await b.barrier();
  assert.equal(b.log.some((f) => f.type === 'typing' && f.userId === bea.userId), false);
});

await check('[LV2] presence follows the welcome and every change', async () => {
  const late = await Peer.of(ana);
  const shown = await late.next((f) => f.type === 'presence' && f.userId === bea.userId, 'presence');
  assert.equal(shown.status, 'online');
  b.send({ type: 'presence', status: 'away' });
  await late.next((f) => f.type === 'presence' && f.userId === bea.userId && f.status === 'away', 'away');
  b.send({ type: 'presence', status: 'online' });
  await late.next((f) => f.type === 'presence' && f.userId === bea.userId && f.status === 'online', 'online');
  await late.close();
});

await check('[LV3] a person is offline, with last seen, when the last connection has gone', async () => {
  const dan = await person(server, 'Dan');
  await direct_chat(ana, dan);
  const [one, two] = [await Peer.of(dan), await Peer.of(dan)];
  await a.next((f) => f.type === 'presence' && f.userId === dan.userId && f.status === 'online', 'online');
  await one.close();
  await two.terminate();
  const gone = await a.next((f) => f.type === 'presence' && f.userId === dan.userId && f.lastSeen, 'offline');
  assert.equal(gone.status, 'offline');
  assert.match(gone.lastSeen, /Z$/);
});

await check('[LV2] strangers see neither presence nor typing', async () => {
  const c = await Peer.of(cid);
  const eva = await person(server, 'Eva');
  const e = await Peer.of(eva);
  e.send({ type: 'presence', status: 'away' });
  e.send({ type: 'typing', chatId, isTyping: true });
  await e.barrier();
  const shared = await direct_chat(eva, cid);
  await c.event(shared.chatId, 'chat');
  assert.equal(c.log.some((f) => f.type === 'presence' && f.userId === eva.userId && f.status === 'away' && c.log.indexOf(f) < c.log.findIndex((g) => g.chatId === shared.chatId)), false);
  assert.equal(a.log.some((f) => f.userId === eva.userId), false);
  await c.close();
});

await check('[CN1] a ping is answered by a pong with its nonce and the time', async () => {
  a.send({ type: 'ping', nonce: 'x y' });
  const pong = await a.next((f) => f.type === 'pong' && f.nonce === 'x y');
  assert.match(pong.serverTime, /Z$/);
  a.send({ type: 'ping' });
  assert.equal((await a.next((f) => f.type === 'pong' && f.nonce === undefined)).type, 'pong');
});

await server.stop();
