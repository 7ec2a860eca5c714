// What is done to messages: each operation's ack, echo and events, their order, and what is refused.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { check } from '../../support/checks.mjs';
import { kRoot } from '../../support/server.mjs';
import { Peer } from './peer.mjs';
import { assert_gapless, direct_chat, group_chat, person, start } from './stage.mjs';

const server = await start();
const [ana, bea, cid] = await Promise.all([person(server, 'Ana'), person(server, 'Bea'), person(server, 'Cid')]);
const chat = await group_chat(ana, [bea]);
const chatId = chat.chatId;
const a = await Peer.of(ana);
const a2 = await Peer.of(ana);
const b = await Peer.of(bea);
const c = await Peer.of(cid);

await check('[OR5] [OR41] a message is acked, echoed to every connection, tempId only to its sender', async () => {
  const tempId = randomUUID();
  a.send({ type: 'message', tempId, chatId, content: { type: 'text', text: 'გამარჯობა 👋' } });
  const ack = await a.answer(tempId);
  assert.equal(ack.type, 'message_ack');
  assert.equal(ack.status, 'sent');
  assert.equal(ack.duplicate, undefined);
  assert.equal(ack.rev, ack.seq);
  const events = await Promise.all([a, a2, b].map((peer) => peer.event(chatId, 'message', (f) => f.seq === ack.seq)));
  for (const event of events) {
    assert.equal(event.messageId, ack.messageId);
    assert.equal(event.timestamp, ack.timestamp);
    assert.equal(event.senderId, ana.userId);
    assert.deepEqual(event.content, { type: 'text', text: 'გამარჯობა 👋' });
  }
  assert.deepEqual(events.map((event) => event.tempId), [tempId, tempId, undefined]);
});

await check('[OR40] the echo comes right before the ack', async () => {
  const sent = [];
  for (let i = 0; i < 50; i += 1) {
    const tempId = randomUUID();
    sent.push(a.answer(tempId));
    a.send({ type: 'message', tempId, chatId, content: { type: 'text', text: `n ${i}` } });
  }
  await Promise.all(sent);
  const own = a.log.filter((f) => f.tempId !== undefined && (f.type === 'message' || f.type === 'message_ack'));
  for (let at = 0; at < own.length; at += 2) {
    assert.equal(own[at].type, 'message');
    assert.equal(own[at + 1].type, 'message_ack');
    assert.equal(own[at].tempId, own[at + 1].tempId);
  }
});

await check('[OR3] operations of one connection on one chat are applied in the order sent', async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => a.say(chatId, `in order ${i}`)));
  answers.reduce((before, ack) => {
    assert.equal(ack.seq, before.seq + 1);
    return ack;
  });
});

await check('[OR2] every connection gets a chat\'s events in the order of seq without a gap', async () => {
  await Promise.all([...Array(40)].flatMap((_, i) => [a.say(chatId, `x${i}`), b.say(chatId, `y${i}`)]));
  const last = (await a.say(chatId, 'last')).seq;
  await b.event(chatId, 'message', (f) => f.seq === last);
  await a2.event(chatId, 'message', (f) => f.seq === last);
  for (const peer of [a, a2, b]) {
    const seqs = peer.log.filter((f) => f.type === 'message' && f.chatId === chatId).map((f) => f.seq);
    assert.deepEqual(seqs, seqs.map((_, at) => seqs[0] + at));
  }
});

await check('[OR5] nobody else hears of it', async () => {
  const own = await group_chat(cid, [ana]);
  await c.event(own.chatId, 'chat');
  assert.equal(c.log.some((f) => f.chatId === chatId), false);
});

await check('[WI22] every awkward line comes back byte for byte, live and by REST', async () => {
  const lines = readFileSync(join(kRoot, 'tests/data/scripts.txt'), 'utf8').split('\n').filter((line) => line !== '');
  const quiet = await direct_chat(ana, bea);
  const acks = await Promise.all(lines.map((line) => a.say(quiet.chatId, line)));
  assert.ok(acks.every((ack) => ack.type === 'message_ack'), JSON.stringify(acks.find((ack) => ack.type === 'error')));
  const live = [];
  for (const ack of acks) live.push(await b.event(quiet.chatId, 'message', (f) => f.seq === ack.seq));
  assert.deepEqual(live.map((f) => f.content.text), lines);
  const history = await bea.history(quiet.chatId);
  assert.deepEqual(history.filter((m) => m.content.type === 'text').map((m) => m.content.text), lines);
});

await check('[WI25] text travels as UTF-8, never escaped where it need not be', async () => {
  const ack = await a.say(chatId, 'é — ა "q" \\ \u2028 \u0001');
  await b.event(chatId, 'message', (f) => f.seq === ack.seq);
  const raw = b.raw[b.log.findIndex((f) => f.seq === ack.seq && f.chatId === chatId)].toString();
  assert.ok(raw.includes('"é — ა \\"q\\" \\\\ \u2028 \\u0001"'), raw);
});

await check('[MG2] an edit raises rev, keeps seq and shows the whole message', async () => {
  const said = await a.say(chatId, 'befor');
  const ack = await a.ask({ type: 'edit', chatId, messageId: said.messageId, content: { type: 'text', text: 'before' } });
  assert.equal(ack.type, 'ack');
  assert.equal(ack.chatId, chatId);
  assert.ok(ack.seq > said.seq);
  assert.equal(ack.rev, ack.seq);
  const event = await b.event(chatId, 'edit', (f) => f.seq === ack.seq);
  assert.equal(event.actorId, ana.userId);
  assert.equal(event.tempId, undefined);
  assert.equal(event.message.messageId, said.messageId);
  assert.equal(event.message.seq, said.seq);
  assert.equal(event.message.rev, ack.rev);
  assert.equal(event.message.content.text, 'before');
  assert.match(event.message.editedAt, /Z$/);
  const echo = await a.event(chatId, 'edit', (f) => f.seq === ack.seq);
  assert.equal(echo.tempId, ack.tempId);
  assert.ok([undefined, said.tempId].includes(echo.message.tempId), 'the message\'s own name, or none');
});

await check('[MG7] a delete for everyone takes content and reactions and keeps the place', async () => {
  const said = await a.say(chatId, 'regret');
  await b.ask({ type: 'reaction', chatId, messageId: said.messageId, emoji: '👍', action: 'add' });
  const ack = await a.ask({ type: 'delete', chatId, messageId: said.messageId });
  const event = await b.event(chatId, 'delete', (f) => f.seq === ack.seq);
  assert.equal(event.message.deleted, true);
  assert.equal(event.message.content, undefined);
  assert.equal(event.message.reactions, undefined);
  assert.equal(event.message.seq, said.seq);
  // The text travels no more, not even in a replay of the log.
  const [part] = await b.sync({ chats: { [chatId]: said.seq - 1 } });
  const replayed = part.events[0];
  assert.equal(replayed.seq, said.seq);
  assert.equal(replayed.deleted, true);
  assert.equal(replayed.content, undefined);
  assert.equal(replayed.rev, ack.rev);
  assert.equal(JSON.stringify(part).includes('regret'), false);
});

await check('[MG2] [DD5] reactions are whole, in the order of first use, and what changes nothing stores nothing', async () => {
  const said = await a.say(chatId, 'react to this');
  const react = (peer, emoji, action) => peer.ask({ type: 'reaction', chatId, messageId: said.messageId, emoji, action });
  await react(b, '👍', 'add');
  const second = await react(a, '👍', 'add');
  await react(b, '🏳️‍🌈', 'add');
  const again = await react(b, '👍', 'add');
  assert.equal(again.type, 'ack');
  assert.equal(again.seq, undefined);
  assert.equal(again.rev, second.rev + 1);
  const removed = await react(b, '👍', 'remove');
  const event = await a.event(chatId, 'reaction', (f) => f.seq === removed.seq);
  assert.deepEqual(event.message.reactions, { '👍': [ana.userId], '🏳️‍🌈': [bea.userId] });
  const nothing = await react(a, '🙈', 'remove');
  assert.equal(nothing.type, 'ack');
  assert.equal(nothing.rev, removed.rev);
});

await check('[RO6] one person has at most 3 reactions on a message', async () => {
  const said = await a.say(chatId, 'three');
  for (const emoji of ['1️⃣', '2️⃣', '3️⃣']) {
    assert.equal((await b.ask({ type: 'reaction', chatId, messageId: said.messageId, emoji, action: 'add' })).type, 'ack');
  }
  const fourth = await b.ask({ type: 'reaction', chatId, messageId: said.messageId, emoji: '4️⃣', action: 'add' });
  assert.equal(fourth.type, 'error');
  assert.equal(fourth.code, 'conflict');
  assert.equal(fourth.retryable, false);
});

await check('[MG2] a pin and its end are events with the whole message', async () => {
  const said = await a.say(chatId, 'pin me');
  const on = await a.ask({ type: 'pin', chatId, messageId: said.messageId, pinned: true });
  assert.equal((await b.event(chatId, 'pin', (f) => f.seq === on.seq)).message.pinned, true);
  const off = await a.ask({ type: 'pin', chatId, messageId: said.messageId, pinned: false });
  assert.equal((await b.event(chatId, 'pin', (f) => f.seq === off.seq)).message.pinned, undefined);
});

await check('[RO9] a reply and a forward keep where they came from', async () => {
  const said = await a.say(chatId, 'origin');
  const forwardedFrom = { messageId: said.messageId, chatId, senderName: 'Ana' };
  const ack = await b.say(chatId, 'answer', { replyTo: said.messageId, forwardedFrom });
  const event = await a.event(chatId, 'message', (f) => f.seq === ack.seq);
  assert.equal(event.replyTo, said.messageId);
  assert.deepEqual(event.forwardedFrom, forwardedFrom);
});

await check('[WI33] encrypted content is ordered and stored, never changed', async () => {
  const content = { type: 'encrypted', zeta: 1.5, alg: 'x', ciphertext: 'AAAA', nested: { b: [1, { c: null }], a: 1 } };
  const ack = await a.ask({ type: 'message', chatId, content });
  assert.equal(ack.type, 'message_ack');
  await b.event(chatId, 'message', (f) => f.seq === ack.seq);
  const raw = b.raw[b.log.findIndex((f) => f.seq === ack.seq && f.chatId === chatId)].toString();
  assert.ok(raw.includes(`"content":${JSON.stringify(content)}`), raw);
});

await check('[RO2] a message of another is edited by nobody else, and a missing one not at all', async () => {
  const said = await a.say(chatId, 'mine');
  const content = { type: 'text', text: 'not yours' };
  const foreign = await b.ask({ type: 'edit', chatId, messageId: said.messageId, content });
  assert.equal(foreign.code, 'forbidden');
  const missing = await a.ask({ type: 'edit', chatId, messageId: '1', content });
  assert.equal(missing.code, 'not_found');
  await a.ask({ type: 'delete', chatId, messageId: said.messageId });
  const deleted = await a.ask({ type: 'edit', chatId, messageId: said.messageId, content });
  assert.equal(deleted.type, 'error');
  assert.ok(['not_found', 'conflict'].includes(deleted.code), deleted.code);
});

await check('[RO1] a chat of others looks as if it did not exist, for every operation', async () => {
  const said = await a.say(chatId, 'hidden from Cid');
  const { messageId } = said;
  const content = { type: 'text', text: 'x' };
  const frames = [
    { type: 'message', content },
    { type: 'edit', messageId, content },
    { type: 'delete', messageId },
    { type: 'reaction', messageId, emoji: 'a', action: 'add' },
    { type: 'pin', messageId, pinned: true },
    { type: 'set', key: 'star', messageId, value: true },
    { type: 'set', key: 'draft', value: 'x' },
  ];
  for (const frame of frames) {
    for (const foreign of [chatId, '4611686018427387904']) {
      const answer = await c.ask({ ...frame, chatId: foreign });
      assert.equal(answer.code, 'not_found', `${frame.type} in ${foreign}: ${JSON.stringify(answer)}`);
      assert.equal(answer.retryable, false);
    }
  }
});

await check('[OR1] seq is gapless after all of it, live and in the log', async () => {
  const last = (await a.say(chatId, 'end')).seq;
  await a2.event(chatId, 'message', (f) => f.seq === last);
  const seen = a2.log.filter((f) => f.chatId === chatId && f.timestamp).map((f) => f.seq);
  assert.deepEqual(seen, seen.map((_, at) => seen[0] + at));
  assert.equal(seen.at(-1), last);
  assert.ok(last > 200);
  const small = await direct_chat(bea, cid);
  await b.say(small.chatId, 'one');
  assert.equal(await assert_gapless(bea, small.chatId), 2);
});

await server.stop();
