// Coming in: upgrade, session, hello, welcome, and what is told to those who may not.
import assert from 'node:assert/strict';

import { check } from '../../support/checks.mjs';
import { Peer } from './peer.mjs';
import { direct_chat, growth, person, rest, start } from './stage.mjs';

const server = await start();
const ana = await person(server, 'Ana');

await check('[ED40] a hello is answered by a welcome with who, where and when', async () => {
  const peer = await Peer.of(ana);
  assert.equal(peer.protocol, 'godwit.v1');
  const { welcome } = peer;
  assert.equal(welcome.userId, ana.userId);
  assert.match(welcome.sessionId, /^[1-9][0-9]{0,18}$/);
  assert.equal(typeof welcome.epoch, 'string');
  assert.match(welcome.serverTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(welcome.heartbeatMs, 25_000);
  assert.equal(welcome.protocol, 1);
  assert.equal(typeof welcome.coreVersion, 'string');
  for (const limit of Object.values(welcome.limits)) assert.ok(Number.isInteger(limit));
  const health = await rest(server, 'GET', '/users/me', { as: ana });
  assert.equal(health.headers.get('godwit-epoch'), welcome.epoch);
  await peer.close();
});

await check('[ED40] more may follow the hello without waiting for the welcome', async () => {
  const bea = await person(server);
  const chat = await direct_chat(ana, bea);
  const peer = await Peer.open(server.origin, { cookie: ana.cookie });
  peer.hello();
  peer.send({ type: 'sync_request', requestId: 'first', chats: { [chat.chatId]: 0 } });
  const acked = peer.say(chat.chatId, 'at once');
  peer.send({ type: 'ping', nonce: 'n' });
  assert.equal((await acked).seq, 2);
  await peer.next((f) => f.type === 'pong' && f.nonce === 'n');
  await peer.next((f) => f.requestId === 'first' && f.done);
  assert.equal(peer.log[0].type, 'welcome');
  await peer.close();
});

await check('[EP85] a hello in the name of another person is closed with 4001, and what came with it is not taken', async () => {
  const bea = await person(server);
  const chat = await direct_chat(ana, bea);
  const other = await Peer.open(server.origin, { cookie: ana.cookie });
  other.send({ type: 'hello', protocol: 1, deviceId: 'd', coreVersion: '1', userId: bea.userId });
  other.send({ type: 'message', tempId: 'not-hers', chatId: chat.chatId, content: { type: 'text', text: 'of Bea' } });
  assert.equal((await other.closed).code, 4001);
  assert.deepEqual(other.log, []);
  const history = await rest(server, 'GET', `/chats/${chat.chatId}/messages`, { as: ana });
  assert.ok(!history.text.includes('of Bea'));
});

await check('[ED71] without a session the socket is closed with 4001 after the upgrade', async () => {
  for (const credentials of [{}, { cookie: 'godwit_session=made-up' }, { token: 'made-up' }]) {
    const peer = await Peer.open(server.origin, credentials);
    assert.equal((await peer.closed).code, 4001);
    assert.deepEqual(peer.log, []);
  }
});

await check('[ED71] a foreign Origin with a cookie is refused with 403 before the upgrade', async () => {
  const grown = await growth(server, 'godwit_refused_total', /origin/, async () => {
    for (const from of ['https://evil.example', 'null', `${server.origin}.evil.example`, 'http://localhost:1']) {
      await assert.rejects(Peer.open(server.origin, { cookie: ana.cookie, from }), { status: 403 });
    }
  });
  assert.equal(grown, 4);
});

await check('[ED71] a Bearer token opens a socket from any Origin or none', async () => {
  const login = await rest(server, 'POST', '/auth/login', {
    body: { username: ana.username, password: ana.password, client: 'api' },
  });
  assert.equal(login.status, 200);
  assert.equal(login.headers.get('set-cookie'), null);
  for (const from of [undefined, 'https://elsewhere.example']) {
    const peer = await Peer.open(server.origin, { token: login.body.token, from: from ?? null });
    peer.hello();
    assert.equal((await peer.next((f) => f.type === 'welcome')).userId, ana.userId);
    await peer.close();
  }
});

await check('[ED40] another protocol version is closed with 4009', async () => {
  const peer = await Peer.open(server.origin, { cookie: ana.cookie });
  peer.hello({ protocol: 2 });
  assert.equal((await peer.closed).code, 4009);
});

await check('[ED41] a frame before the hello is refused and the connection stays', async () => {
  const peer = await Peer.open(server.origin, { cookie: ana.cookie });
  peer.send({ type: 'ping' });
  const refusal = await peer.next((f) => f.type === 'error');
  assert.equal(refusal.code, 'bad_frame');
  peer.hello();
  await peer.next((f) => f.type === 'welcome');
  await peer.close();
});

await check('[ED40] a socket that says no hello in time is closed with 4001', async () => {
  const grown = await growth(server, 'godwit_socket_closes_total', /4001/, async () => {
    const peer = await Peer.open(server.origin, { cookie: ana.cookie });
    assert.equal((await peer.closed).code, 4001);
  });
  assert.equal(grown, 1);
});

await check('[ED71] an upgrade that does not speak godwit.v1 is refused', async () => {
  await assert.rejects(Peer.open(server.origin, { cookie: ana.cookie, protocols: 'other.v1' }), { status: 400 });
});

await check('[ED71] a plain GET of /ws asks for an upgrade', async () => {
  const answer = await fetch(`${server.origin}/ws`);
  assert.equal(answer.status, 426);
  await answer.arrayBuffer();
});

await check('[ED75] SIGTERM closes sockets with 1012 and when to come back, and the server exits with 0', async () => {
  const other = await start();
  const bob = await person(other);
  const peers = await Promise.all(Array.from({ length: 5 }, () => Peer.of(bob)));
  const ended = other.stop();
  for (const peer of peers) {
    const { code, reason } = await peer.closed;
    assert.equal(code, 1012);
    assert.ok(Number.isInteger(JSON.parse(reason).retryAfterMs), reason);
  }
  assert.deepEqual(await ended, { code: 0, signal: null });
});

await server.stop();
