// Chats by REST: making them, who may do what, and the events that tell everyone.
import assert from 'node:assert/strict';

import { check } from '../../support/checks.mjs';
import { Peer } from './peer.mjs';
import { assert_problem, direct_chat, group_chat, person, rest, start } from './stage.mjs';

const server = await start();
const [ana, bea, cid, dan] = await Promise.all(['Ana', 'Bea', 'Cid', 'Dan'].map((name) => person(server, name)));
const b = await Peer.of(bea);

await check('[OR9] a chat begins with its creation at seq 1, told to every member', async () => {
  const answer = await rest(server, 'POST', '/chats', { as: ana, body: { groupName: 'Crew', participantIds: [bea.userId, cid.userId] } });
  assert.equal(answer.status, 201, answer.text);
  const chat = answer.body;
  assert.equal(chat.type, 'group');
  assert.equal(chat.name, 'Crew');
  assert.equal(chat.head, 1);
  const roles = new Map(chat.members.map((member) => [member.userId, member.role]));
  assert.deepEqual(roles, new Map([[ana.userId, 'owner'], [bea.userId, 'member'], [cid.userId, 'member']]));
  const event = await b.event(chat.chatId, 'chat');
  assert.equal(event.seq, 1);
  assert.equal(event.actorId, ana.userId);
  assert.equal(event.chat.name, 'Crew');
  assert.equal(event.members.length, 3);
  assert.equal(event.message.seq, 1);
  assert.equal(event.message.content.type, 'system');
  assert.equal(event.message.content.kind, 'created');
});

await check('[RO5] two people have one direct chat: the second time it is 200 and that chat', async () => {
  const first = await rest(server, 'POST', '/chats', { as: ana, body: { participantIds: [dan.userId] } });
  assert.equal(first.status, 201);
  assert.equal(first.body.type, 'direct');
  assert.equal(first.body.name, undefined);
  const second = await rest(server, 'POST', '/chats', { as: ana, body: { participantIds: [dan.userId] } });
  assert.equal(second.status, 200);
  const other_way = await rest(server, 'POST', '/chats', { as: dan, body: { participantIds: [ana.userId] } });
  assert.equal(other_way.status, 200);
  assert.deepEqual(new Set([first, second, other_way].map((a) => a.body.chatId)).size, 1);
});

await check('[RO8] what cannot be a chat is refused', async () => {
  for (const [body, status, code] of [
    [{}, 400, 'bad_frame'],
    [{ participantIds: 'x' }, 400, 'bad_frame'],
    [{ participantIds: [5] }, 400, 'bad_frame'],
    [{ participantIds: ['x'] }, 400, 'bad_frame'],
    [{ participantIds: [] }, 422, 'invalid_content'],
    [{ participantIds: [ana.userId] }, 422, 'invalid_content'],
    [{ participantIds: [bea.userId, cid.userId] }, 422, 'invalid_content'],
    [{ participantIds: ['1'] }, 404, 'not_found'],
    [{ groupName: ' ', participantIds: [bea.userId] }, 422, 'invalid_content'],
    [{ groupName: 'x'.repeat(257), participantIds: [bea.userId] }, 413, 'too_large'],
  ]) {
    const answer = await rest(server, 'POST', '/chats', { as: ana, body });
    assert.equal(answer.status, status, `${JSON.stringify(body).slice(0, 60)}: ${answer.text}`);
    assert_problem(answer, status, code);
  }
});

await check('[RO3] members are added, promoted and removed by those who may', async () => {
  const { chatId } = await group_chat(ana, [bea]);
  const path = `/chats/${chatId}/participants`;
  const by = (who, method, where, body) => rest(server, method, `${path}${where}`, { as: who, body });
  assert_problem(await by(bea, 'POST', '', { userId: cid.userId }), 403, 'forbidden');
  const added = await by(ana, 'POST', '', { userId: cid.userId });
  assert.equal(added.status, 201, added.text);
  const event = await b.event(chatId, 'chat', (f) => f.seq === 2);
  assert.deepEqual(event.members.map(({ userId, role, joinedSeq }) => ({ userId, role, joinedSeq })), [
    { userId: cid.userId, role: 'member', joinedSeq: 2 },
  ]);
  assert.equal(event.message.content.kind, 'member_added');
  assert_problem(await by(cid, 'PATCH', `/${bea.userId}`, { role: 'admin' }), 403, 'forbidden');
  assert.equal((await by(ana, 'PATCH', `/${bea.userId}`, { role: 'admin' })).status, 200);
  assert_problem(await by(bea, 'PATCH', `/${cid.userId}`, { role: 'admin' }), 403, 'forbidden');
  assert_problem(await by(bea, 'DELETE', `/${ana.userId}`), 403, 'forbidden');
  assert.equal((await by(bea, 'DELETE', `/${cid.userId}`)).status, 204);
  const removed = await b.event(chatId, 'chat', (f) => f.members.some((m) => m.userId === cid.userId && m.role === null));
  assert.equal(removed.message.content.kind, 'member_removed');
  assert_problem(await by(ana, 'PATCH', `/${bea.userId}`, { role: 'king' }), 422, 'invalid_content');
  assert_problem(await by(ana, 'POST', '', { userId: '1' }), 404, 'not_found');
});

await check('[OR43] who was removed is told so, and from then on the chat is not there', async () => {
  const { chatId } = await group_chat(ana, [bea, dan]);
  const d = await Peer.of(dan);
  await rest(server, 'DELETE', `/chats/${chatId}/participants/${dan.userId}`, { as: ana });
  const event = await d.event(chatId, 'chat', (f) => f.members.some((m) => m.userId === dan.userId && m.role === null));
  assert.ok(event.seq > 1);
  assert.equal((await d.say(chatId, 'still here?')).code, 'not_found');
  assert_problem(await rest(server, 'GET', `/chats/${chatId}`, { as: dan }), 404, 'not_found');
  assert.equal((await dan.call('GET', '/chats?limit=100')).chats.some((chat) => chat.chatId === chatId), false);
  const a = await Peer.of(ana);
  const said = await a.say(chatId, 'between us');
  await b.event(chatId, 'message', (f) => f.seq === said.seq);
  await d.barrier();
  assert.equal(d.log.some((f) => f.chatId === chatId && f.seq === said.seq), false);
  await d.close();
  await a.close();
});

await check('[OR43] a new member hears what follows, live', async () => {
  const { chatId } = await group_chat(ana, [bea]);
  const c = await Peer.of(cid);
  await rest(server, 'POST', `/chats/${chatId}/participants`, { as: ana, body: { userId: cid.userId } });
  await c.event(chatId, 'chat');
  const said = await b.say(chatId, 'welcome');
  await c.event(chatId, 'message', (f) => f.seq === said.seq);
  await c.close();
});

await check('[RO4] leaving is for everyone; the last owner leaves an heir', async () => {
  const { chatId } = await group_chat(ana, [bea, cid]);
  const left = await rest(server, 'DELETE', `/chats/${chatId}/participants/${ana.userId}`, { as: ana });
  assert.equal(left.status, 204);
  const state = await bea.call('GET', `/chats/${chatId}`);
  assert.equal(state.members.filter((member) => member.role === 'owner').length, 1);
  assert.equal(state.members.some((member) => member.userId === ana.userId), false);
});

await check('[RO3] [RO5] a group is renamed and set by its admins; a direct chat has no name', async () => {
  const { chatId } = await group_chat(ana, [bea], 'Old');
  assert_problem(await rest(server, 'PATCH', `/chats/${chatId}`, { as: bea, body: { name: 'New' } }), 403, 'forbidden');
  const renamed = await rest(server, 'PATCH', `/chats/${chatId}`, { as: ana, body: { name: 'ახალი', settings: { ttl: 5 } } });
  assert.equal(renamed.status, 200);
  assert.equal(renamed.body.name, 'ახალი');
  assert.deepEqual(renamed.body.settings, { ttl: 5 });
  const event = await b.event(chatId, 'chat', (f) => f.message.content.kind === 'renamed');
  assert.equal(event.chat.name, 'ახალი');
  assert.equal(event.chat.rev, event.seq);
  const direct = await direct_chat(ana, bea);
  assert_problem(await rest(server, 'PATCH', `/chats/${direct.chatId}`, { as: ana, body: { name: 'x' } }), 403, 'forbidden');
  assert_problem(await rest(server, 'PATCH', `/chats/${chatId}`, { as: dan, body: { name: 'x' } }), 404, 'not_found');
});

await check('[RO6] a group has at most 256 members', async () => {
  const ids = [];
  for (let i = 0; i < 256; i += 16) {
    const made = await Promise.all(Array.from({ length: 16 }, () => person(server, 'Many')));
    ids.push(...made.map((one) => one.userId));
  }
  const full = await rest(server, 'POST', '/chats', { as: ana, body: { groupName: 'Full', participantIds: ids.slice(0, 255) } });
  assert.equal(full.status, 201, full.text);
  const more = await rest(server, 'POST', `/chats/${full.body.chatId}/participants`, { as: ana, body: { userId: ids[255] } });
  assert_problem(more, 409, 'group_full');
  const over = await rest(server, 'POST', '/chats', { as: ana, body: { groupName: 'Over', participantIds: ids } });
  assert_problem(over, 409, 'group_full');
});

await check('[OR10] messages are edited and deleted by REST as by frame', async () => {
  const { chatId } = await group_chat(ana, [bea]);
  const path = `/chats/${chatId}/messages`;
  const content = { type: 'text', text: 'by REST' };
  const sent = await rest(server, 'POST', path, { as: ana, body: { content } });
  assert.equal(sent.status, 201);
  assert.equal((await b.event(chatId, 'message')).messageId, sent.body.messageId);
  const edited = await rest(server, 'PATCH', `${path}/${sent.body.messageId}`, { as: ana, body: { content: { type: 'text', text: 'edited' } } });
  assert.equal(edited.status, 200, edited.text);
  assert.equal((await b.event(chatId, 'edit')).message.content.text, 'edited');
  assert_problem(await rest(server, 'PATCH', `${path}/${sent.body.messageId}`, { as: bea, body: { content } }), 403, 'forbidden');
  assert_problem(await rest(server, 'DELETE', `${path}/${sent.body.messageId}`, { as: bea }), 403, 'forbidden');
  assert_problem(await rest(server, 'DELETE', `${path}/${sent.body.messageId}`, { as: dan }), 404, 'not_found');
  assert.equal((await rest(server, 'DELETE', `${path}/${sent.body.messageId}`, { as: ana })).status, 200);
  assert.equal((await b.event(chatId, 'delete')).message.deleted, true);
  assert_problem(await rest(server, 'POST', path, { as: ana, body: { content: { type: 'text', text: ' ' } } }), 422, 'invalid_content');
  assert_problem(await rest(server, 'POST', path, { as: ana, body: { content: { type: 'text', text: 'x'.repeat(16_385) } } }), 413, 'too_large');
});

await check('[EP1] every answer carries the epoch, problems and refusals too', async () => {
  const { headers } = await rest(server, 'GET', '/users/me', { as: ana });
  const epoch = headers.get('godwit-epoch');
  assert.ok(epoch);
  for (const [method, path, more] of [
    ['GET', '/users/me', {}],
    ['GET', '/chats/1', { as: ana }],
    ['GET', '/nonsense', { as: ana }],
    ['POST', '/chats', { as: ana, raw: '{' }],
  ]) {
    const answer = await rest(server, method, path, more);
    assert.ok(answer.status >= 400);
    assert.equal(answer.headers.get('godwit-epoch'), epoch, `${method} ${path}`);
  }
});

await server.stop();
