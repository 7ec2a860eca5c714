// One (chat, sender, tempId) is applied once, for ever: over both doors, other connections, a
// reconnect, a restart.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { check } from '../../support/checks.mjs';
import { start_server, kRoomy } from '../../support/server.mjs';
import { Person } from '../../support/person.mjs';
import { Peer } from './peer.mjs';
import { assert_problem, direct_chat, group_chat, person, rest, start } from './stage.mjs';

const server = await start();
const [ana, bea] = await Promise.all([person(server, 'Ana'), person(server, 'Bea')]);
const { chatId } = await group_chat(ana, [bea]);
const a = await Peer.of(ana);
const b = await Peer.of(bea);
const text = (words) => ({ type: 'text', text: words });

async function count_of(words) {
  return (await bea.history(chatId)).filter((m) => m.content?.text === words).length;
}

await check('[DD1] [DD2] the same tempId twice is one message, and the second ack says duplicate', async () => {
  const tempId = randomUUID();
  const first = await a.say(chatId, 'once', { tempId });
  const second = await a.say(chatId, 'once', { tempId });
  assert.deepEqual(second, { ...first, duplicate: true });
  assert.equal(await count_of('once'), 1);
});

await check('[DD1] two at once are one', async () => {
  const tempId = randomUUID();
  const frame = JSON.stringify({ type: 'message', tempId, chatId, content: text('burst') });
  for (let i = 0; i < 10; i += 1) a.send(frame);
  const acks = [];
  for (let i = 0; i < 10; i += 1) acks.push(await a.answer(tempId));
  assert.equal(new Set(acks.map((ack) => ack.messageId)).size, 1);
  assert.equal(acks.filter((ack) => ack.duplicate).length, 9);
  assert.equal(await count_of('burst'), 1);
});

await check('[DD1] [OR10] over REST and WebSocket it is one', async () => {
  const tempId = randomUUID();
  const path = `/chats/${chatId}/messages`;
  const created = await rest(server, 'POST', path, { as: ana, body: { tempId, content: text('both doors') } });
  assert.equal(created.status, 201);
  const again = await rest(server, 'POST', path, { as: ana, body: { tempId, content: text('both doors') } });
  assert.equal(again.status, 200);
  assert.equal(again.body.duplicate, true);
  const ack = await a.say(chatId, 'both doors', { tempId });
  assert.equal(ack.duplicate, true);
  assert.equal(ack.messageId, created.body.messageId);
  assert.equal(ack.seq, created.body.seq);
  assert.equal(await count_of('both doors'), 1);
});

await check('[DD1] on another connection and after a reconnect it is one', async () => {
  const tempId = randomUUID();
  const first = await a.say(chatId, 'again later', { tempId });
  const other = await Peer.of(ana);
  assert.equal((await other.say(chatId, 'again later', { tempId })).messageId, first.messageId);
  await other.terminate();
  const back = await Peer.of(ana);
  assert.equal((await back.say(chatId, 'again later', { tempId })).seq, first.seq);
  await back.close();
  assert.equal(await count_of('again later'), 1);
});

await check('[DD1] another person and another chat may use the same tempId', async () => {
  const tempId = randomUUID();
  const mine = await a.say(chatId, 'mine', { tempId });
  const hers = await b.say(chatId, 'hers', { tempId });
  assert.notEqual(mine.messageId, hers.messageId);
  const other = await direct_chat(ana, bea);
  assert.equal((await a.say(other.chatId, 'elsewhere', { tempId })).duplicate, undefined);
});

await check('[DD3] the same tempId with another type of operation is a conflict', async () => {
  const tempId = randomUUID();
  const said = await a.say(chatId, 'typed', { tempId });
  for (const frame of [
    { type: 'edit', messageId: said.messageId, content: text('x') },
    { type: 'delete', messageId: said.messageId },
    { type: 'reaction', messageId: said.messageId, emoji: '👍', action: 'add' },
    { type: 'pin', messageId: said.messageId, pinned: true },
  ]) {
    const answer = await a.ask({ ...frame, tempId, chatId });
    assert.equal(answer.type, 'error', frame.type);
    assert.equal(answer.code, 'conflict');
    assert.equal(answer.retryable, false);
  }
  const patch = await rest(server, 'PATCH', `/chats/${chatId}/messages/${said.messageId}`, {
    as: ana,
    body: { tempId, content: text('x') },
  });
  assert_problem(patch, 409, 'conflict');
});

await check('[DD1] edits, deletions, reactions, pins and private items are applied once too', async () => {
  const said = await a.say(chatId, 'target');
  const { messageId } = said;
  for (const frame of [
    { type: 'reaction', messageId, emoji: '👍', action: 'add' },
    { type: 'pin', messageId, pinned: true },
    { type: 'edit', messageId, content: text('target 2') },
    { type: 'delete', messageId },
    { type: 'set', key: 'draft', value: 'half' },
  ]) {
    const named = { ...frame, chatId, tempId: randomUUID() };
    const first = await a.ask(named);
    assert.equal(first.type, 'ack', JSON.stringify(first));
    const second = await a.ask(named);
    assert.equal(second.type, 'ack');
    assert.equal(second.duplicate, true);
    assert.equal(second.seq, first.seq);
    assert.equal(second.userSeq, first.userSeq);
  }
  const [part] = await b.sync({ chats: { [chatId]: said.seq } });
  assert.deepEqual(part.events.map((event) => event.type), ['reaction', 'pin', 'edit', 'delete']);
});

await check('[DD4] a refusal is not remembered', async () => {
  const tempId = randomUUID();
  const refused = await a.ask({ type: 'message', tempId, chatId, content: text('  ') });
  assert.equal(refused.code, 'invalid_content');
  const ack = await a.say(chatId, 'better', { tempId });
  assert.equal(ack.type, 'message_ack');
  assert.equal(ack.duplicate, undefined);
});

await check('[DD1] a group created twice under one tempId is one group', async () => {
  const body = { tempId: randomUUID(), groupName: 'Once', participantIds: [bea.userId] };
  const first = await rest(server, 'POST', '/chats', { as: ana, body });
  assert.equal(first.status, 201);
  const second = await rest(server, 'POST', '/chats', { as: ana, body });
  assert.equal(second.status, 200);
  assert.equal(second.body.chatId, first.body.chatId);
});

await check('[DD1] a tempId is known after a restart of the server', async () => {
  const first_life = await start();
  const cid = await person(first_life, 'Cid');
  const dan = await person(first_life, 'Dan');
  const chat = await direct_chat(cid, dan);
  const peer = await Peer.of(cid);
  const tempId = randomUUID();
  const said = await peer.say(chat.chatId, 'before', { tempId });
  await first_life.stop();
  const second_life = await start_server({ data: first_life.data, flags: kRoomy });
  const again = await Person.login(second_life.origin, cid.username, cid.password);
  const back = await Peer.of(again);
  const ack = await back.say(chat.chatId, 'before', { tempId });
  assert.equal(ack.duplicate, true);
  assert.equal(ack.seq, said.seq);
  assert.equal(ack.messageId, said.messageId);
  assert.equal((await back.say(chat.chatId, 'after')).seq, said.seq + 1);
  await second_life.stop();
});

await server.stop();
