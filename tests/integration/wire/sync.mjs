// Catching up: deltas, resets, removals, the rest, private items, blocks, epochs; over both doors.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { check } from '../../support/checks.mjs';
import { Peer } from './peer.mjs';
import { assert_problem, direct_chat, group_chat, person, rest, start } from './stage.mjs';

const server = await start();
const [ana, bea, cid] = await Promise.all([person(server, 'Ana'), person(server, 'Bea'), person(server, 'Cid')]);
const group = await group_chat(ana, [bea]);
const { chatId } = group;
const a = await Peer.of(ana);
const b = await Peer.of(bea);
const only = (parts, id = chatId) => parts.filter((part) => part.chatId === id);
const kFrameBytesMax = 256 * 1024;

const first = await a.say(chatId, 'one');
await a.say(chatId, 'two');
const edited = await a.ask({ type: 'edit', chatId, messageId: first.messageId, content: { type: 'text', text: 'one!' } });

await check('[SY2] a chat is answered by all events after what is held, as they stand now', async () => {
  const parts = await b.sync({ chats: { [chatId]: 1 } });
  const [part] = only(parts);
  assert.equal(part.from, 1);
  assert.equal(part.to, edited.seq);
  assert.deepEqual(part.events.map((e) => e.seq), [2, 3, 4]);
  assert.deepEqual(part.events.map((e) => e.type), ['message', 'message', 'edit']);
  assert.equal(part.events[0].content.text, 'one!');
  assert.equal(part.events[0].rev, edited.rev);
  assert.equal(part.events[0].tempId, undefined);
  assert.equal(part.events[2].message.content.text, 'one!');
  assert.ok('delivered' in part.receipts && 'read' in part.receipts);
  assert.equal(parts.at(-1).done, true);
  assert.equal(parts.slice(0, -1).some((p) => p.done), false);
});

await check('[SY2] nothing missed is an empty answer', async () => {
  const [part] = only(await b.sync({ chats: { [chatId]: edited.seq } }));
  assert.deepEqual(part.events, []);
  assert.equal(part.from, edited.seq);
  assert.equal(part.to, edited.seq);
});

await check('[OR41] the own tempId is told again, another\'s never', async () => {
  const [mine] = only(await a.sync({ chats: { [chatId]: 1 } }));
  assert.ok(mine.events.every((event) => event.tempId), JSON.stringify(mine.events.map((e) => e.tempId)));
  const [hers] = only(await b.sync({ chats: { [chatId]: 0 } }));
  assert.equal(JSON.stringify(hers).includes('tempId'), false);
});

await check('[SY2] a chat one is not in, or that is not there, is removed', async () => {
  const c = await Peer.of(cid);
  const parts = await c.sync({ chats: { [chatId]: 3, 4611686018427387904: 9 } });
  assert.equal(parts.filter((part) => part.removed).length, 2);
  assert.equal(only(parts)[0].removed, true);
  assert.equal(only(parts)[0].events, undefined);
  await c.close();
});

await check('[SY2] over 500 behind is a reset with state and page, at 500 a delta', async () => {
  const long = await group_chat(ana, [bea]);
  const sends = [];
  for (let i = 0; i < 505; i += 1) {
    sends.push(a.say(long.chatId, `m${i}`));
    if (i % 100 === 99) await Promise.all(sends);
  }
  const head = Math.max(...(await Promise.all(sends)).map((ack) => ack.seq));
  const delta = only(await b.sync({ chats: { [long.chatId]: head - 500 } }), long.chatId);
  assert.deepEqual(delta.flatMap((part) => part.events.map((e) => e.seq)), Array.from({ length: 500 }, (_, i) => head - 499 + i));
  const [reset] = only(await b.sync({ chats: { [long.chatId]: head - 501 } }), long.chatId);
  assert.equal(reset.reset, true);
  assert.equal(reset.chat.chatId, long.chatId);
  assert.equal(reset.chat.head, head);
  assert.equal(reset.page.to, head);
  assert.equal(reset.page.asOf, head);
  assert.equal(reset.page.hasBefore, true);
  assert.ok(reset.page.messages.length > 0);
});

await check('[SY2] a position past the head is a reset', async () => {
  const [part] = only(await b.sync({ chats: { [chatId]: 9_000 } }));
  assert.equal(part.reset, true);
});

await check('[SY2] membership broken since is a reset; what was not one\'s own to see stays unseen', async () => {
  const room = await group_chat(ana, [bea]);
  await a.say(room.chatId, 'before');
  const c = await Peer.of(cid);
  const added = await ana.call('POST', `/chats/${room.chatId}/participants`, { userId: cid.userId });
  await c.event(room.chatId, 'chat');
  const held = added.head;
  await ana.call('DELETE', `/chats/${room.chatId}/participants/${cid.userId}`);
  await a.say(room.chatId, 'while away');
  await ana.call('POST', `/chats/${room.chatId}/participants`, { userId: cid.userId });
  const [part] = only(await c.sync({ chats: { [room.chatId]: held } }), room.chatId);
  assert.equal(part.reset, true);
  await c.close();
});

await check('[SY3] rest brings the chats not named, with state, receipts and pages', async () => {
  const parts = await b.sync({ chats: { [chatId]: edited.seq }, rest: true });
  const states = parts.filter((part) => part.chat);
  const listed = (await bea.call('GET', '/chats?limit=100')).chats;
  assert.deepEqual(new Set(states.map((part) => part.chatId)), new Set(listed.map((c) => c.chatId).filter((id) => id !== chatId)));
  for (const part of states) {
    assert.equal(part.chatId, part.chat.chatId);
    assert.equal(part.reset, undefined);
    assert.ok(part.receipts && Array.isArray(part.chat.members) && Number.isInteger(part.chat.unread));
    assert.ok(part.page, 'fewer than 20 chats: each with a page');
  }
});

await check('[SY3] only the 20 most recent chats of rest come with a page', async () => {
  const dan = await person(server, 'Dan');
  const chats = [];
  for (let i = 0; i < 23; i += 1) chats.push((await group_chat(dan, [bea], `G${i}`)).chatId);
  const d = await Peer.of(dan);
  const parts = await d.sync({ rest: true });
  const with_page = new Set(parts.filter((part) => part.page).map((part) => part.chatId));
  assert.deepEqual(with_page, new Set(chats.slice(3)));
  assert.equal(new Set(parts.filter((part) => part.chat).map((part) => part.chatId)).size, 23);
  await d.close();
});

await check('[SY9] private items after userSeq come in order, whole', async () => {
  const acks = [];
  for (const value of [1, 2, 3]) acks.push(await a.ask({ type: 'set', key: `setting.k${value}`, value }));
  const user_of = (parts) => parts.find((part) => part.user)?.user;
  const all = user_of(await a.sync({ user: 0 }));
  assert.deepEqual(all.items.map((item) => item.value), [1, 2, 3]);
  assert.equal(all.from, 0);
  assert.equal(all.to, acks[2].userSeq);
  const some = user_of(await a.sync({ user: acks[1].userSeq }));
  assert.deepEqual(some.items.map((item) => item.key), ['setting.k3']);
  assert.equal(user_of(await b.sync({ user: 0 }))?.items.some((item) => item.key === 'setting.k3') ?? false, false);
});

const mask = (1n << 64n) - 1n;
const mix64 = (n) => {
  let x = (n + 0x9e3779b97f4a7c15n) & mask;
  x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & mask;
  return x ^ (x >> 31n);
};
const block_hash = (message) => mix64((mix64(BigInt(message.messageId)) + BigInt(message.rev)) & mask);

await check('[SY5] a block whose sum differs is answered with its messages, an equal one is not', async () => {
  const messages = await bea.history(chatId);
  const head = messages.at(-1).seq;
  const right = messages.reduce((sum, m) => (sum + block_hash(m)) & mask, 0n);
  const state = await bea.call('GET', `/chats/${chatId}`);
  const ask = (sum) => b.sync({ chats: { [chatId]: state.head }, blocks: { [chatId]: { 0: String(sum) } } });
  const equal = await ask(right);
  assert.equal(equal.some((part) => part.block !== undefined), false);
  const [differs] = (await ask(right ^ 1n)).filter((part) => part.block !== undefined);
  assert.equal(differs.chatId, chatId);
  assert.equal(differs.block, 0);
  assert.deepEqual(differs.page.messages.map((m) => m.seq), messages.map((m) => m.seq));
  assert.ok(differs.page.to >= head);
});

await check('[EP2] under a foreign epoch chats count as empty and rest as true', async () => {
  const peer = await Peer.open(server.origin, { cookie: bea.cookie });
  peer.hello({ epoch: 'of-another-life' });
  const parts = await peer.sync({ chats: { [chatId]: edited.seq } });
  const [part] = only(parts);
  assert.ok(part.chat, 'the chat comes as a state, not as a delta');
  assert.equal(part.events, undefined);
  await peer.close();
});

await check('[SY10] POST /sync answers whole, as one document', async () => {
  const answer = await rest(server, 'POST', '/sync', { as: bea, body: { chats: { [chatId]: 1 }, rest: true, user: 0 } });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.done, true);
  assert.equal(answer.body.epoch, answer.headers.get('godwit-epoch'));
  assert.deepEqual(answer.body.responses.find((part) => part.chatId === chatId).events.map((e) => e.seq), [2, 3, 4]);
  const foreign = await rest(server, 'POST', '/sync', { as: bea, body: { chats: { [chatId]: 1 }, epoch: 'x' } });
  assert.ok(foreign.body.responses.find((part) => part.chatId === chatId).chat);
  assert_problem(await rest(server, 'POST', '/sync', { as: bea, body: { chats: [] } }), 400, 'bad_frame');
});

await check('[SY41] no frame is over 256 KiB, however much there is to tell', async () => {
  const wide = await direct_chat(ana, bea);
  const words = 'გ'.repeat(5_000);
  for (let i = 0; i < 60; i += 1) await a.say(wide.chatId, words);
  const fresh = await Peer.open(server.origin, { cookie: bea.cookie });
  fresh.hello();
  const parts = await fresh.sync({ chats: { [wide.chatId]: 0 }, rest: true });
  const seqs = only(parts, wide.chatId).flatMap((part) => part.events.map((event) => event.seq));
  assert.deepEqual(seqs, Array.from({ length: 61 }, (_, i) => i + 1));
  assert.ok(only(parts, wide.chatId).length > 1, 'it had to be split');
  for (const bytes of fresh.raw) assert.ok(bytes.length <= kFrameBytesMax, `${bytes.length} bytes`);
  // A page of the same: the state comes, and no frame is too large.
  const again = await fresh.sync({ rest: true });
  assert.ok(only(again, wide.chatId).some((part) => part.page));
  for (const bytes of fresh.raw) assert.ok(bytes.length <= kFrameBytesMax, `${bytes.length} bytes`);
  await fresh.close();
});

await check('[SY4] live frames during a sync leave no hole behind it', async () => {
  const busy = await group_chat(ana, [bea]);
  const sends = Array.from({ length: 100 }, (_, i) => a.say(busy.chatId, `s${i}`));
  const fresh = await Peer.open(server.origin, { cookie: bea.cookie });
  fresh.hello();
  await fresh.sync({ chats: { [busy.chatId]: 0 } });
  const acks = await Promise.all(sends);
  const last = (await a.say(busy.chatId, 'end')).seq;
  await fresh.event(busy.chatId, 'message', (f) => f.seq === last);
  const seen = new Set();
  for (const frame of fresh.log) {
    if (frame.chatId !== busy.chatId) continue;
    if (frame.events) for (const event of frame.events) seen.add(event.seq);
    else if (frame.timestamp) seen.add(frame.seq);
  }
  assert.equal(seen.size, last);
  assert.equal(acks.length, 100);
  await fresh.close();
});

await check('[WI28] what a request names wrongly is refused under its requestId', async () => {
  const requestId = randomUUID();
  b.send({ type: 'sync_request', requestId, chats: { x: 1 } });
  const error = await b.next((f) => f.type === 'error' && f.requestId === requestId, 'error');
  assert.equal(error.code, 'bad_frame');
});

await server.stop();
