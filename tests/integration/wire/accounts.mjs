// People by REST: coming in, sessions, profiles, search, blocks, leaving for good.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { check } from '../../support/checks.mjs';
import { Person } from '../../support/person.mjs';
import { Peer } from './peer.mjs';
import { assert_problem, direct_chat, growth, person, rest, start, start_strict } from './stage.mjs';

const server = await start();
const ana = await person(server, 'Ana Admiral');
const bea = await person(server, 'Bea');
const fresh_name = () => `n-${randomUUID().slice(0, 12)}`;
const kPassword = 'correct horse battery';

async function register(body, headers = {}) {
  return rest(server, 'POST', '/auth/register', { body, headers: { origin: server.origin, ...headers } });
}

await check('[AU7] registering answers 201 with the user and a strict cookie', async () => {
  const username = fresh_name();
  const answer = await register({ username, displayName: 'New', password: kPassword });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.body.user.username, username);
  assert.equal(answer.body.user.displayName, 'New');
  assert.match(answer.body.user.userId, /^[1-9][0-9]{0,18}$/);
  assert.equal(answer.body.token, undefined);
  const cookie = answer.headers.get('set-cookie');
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  assert.match(cookie, /Path=\//);
  assert.doesNotMatch(cookie, /Secure/);
  assert.equal(answer.text.includes(kPassword), false);
});

await check('[AU8] a taken user name is a conflict, in any case of letters', async () => {
  const username = fresh_name();
  await register({ username, displayName: 'One', password: kPassword });
  for (const again of [username, username.toUpperCase()]) {
    assert_problem(await register({ username: again, displayName: 'Two', password: kPassword }), 409, 'conflict');
  }
});

await check('[AU8] what cannot be an account is refused', async () => {
  const good = { username: fresh_name(), displayName: 'Good', password: kPassword };
  for (const [change, status, code] of [
    [{ username: 'ab' }, 422, 'invalid_content'],
    [{ username: 'a b c' }, 422, 'invalid_content'],
    [{ username: 'ანა' }, 422, 'invalid_content'],
    [{ displayName: '  ' }, 422, 'invalid_content'],
    [{ displayName: 'a\nb' }, 422, 'invalid_content'],
    [{ displayName: 'x'.repeat(257) }, 413, 'too_large'],
    [{ password: 'short' }, 422, 'invalid_content'],
    [{ username: undefined }, 400, 'bad_frame'],
    [{ password: undefined }, 400, 'bad_frame'],
    [{ username: 5 }, 400, 'bad_frame'],
  ]) {
    const answer = await register({ ...good, ...change });
    assert_problem(answer, status, code);
  }
});

await check('[AU1] a wrong password and an unknown name are told alike, each after one Argon2id', async () => {
  const login = (username, password) =>
    rest(server, 'POST', '/auth/login', { body: { username, password }, headers: { origin: server.origin } });
  const answers = [];
  for (const [username, password] of [[ana.username, 'not the password'], [fresh_name(), 'not the password']]) {
    const grown = await growth(server, 'godwit_argon2_runs_total', /.*/, async () => {
      answers.push(await login(username, password));
    });
    assert.equal(grown, 1);
  }
  for (const answer of answers) assert_problem(answer, 401, 'unauthenticated');
  assert.equal(answers[0].text, answers[1].text);
});

await check('[AU7] logging in gives a cookie; with client api a token and no cookie', async () => {
  const again = await Person.login(server.origin, ana.username, ana.password);
  assert.equal(again.userId, ana.userId);
  const api = await rest(server, 'POST', '/auth/login', {
    body: { username: ana.username, password: ana.password, client: 'api' },
  });
  assert.equal(api.headers.get('set-cookie'), null);
  const me = await rest(server, 'GET', '/users/me', { token: api.body.token });
  assert.equal(me.body.userId, ana.userId);
  const write = await rest(server, 'POST', '/chats', { token: api.body.token, body: { participantIds: [bea.userId] } });
  assert.equal(write.status, 201, 'a Bearer write needs no Origin');
});

await check('[AU9] a write by cookie needs the server\'s own Origin and JSON', async () => {
  const body = JSON.stringify({ participantIds: [bea.userId] });
  const attempt = (headers) =>
    rest(server, 'POST', '/chats', { raw: body, headers: { cookie: ana.cookie, ...headers } });
  assert_problem(await attempt({}), 403, 'forbidden');
  assert_problem(await attempt({ origin: 'https://evil.example' }), 403, 'forbidden');
  assert_problem(await attempt({ origin: 'null' }), 403, 'forbidden');
  assert_problem(await attempt({ origin: server.origin, 'content-type': 'text/plain' }), 415, 'unsupported');
  assert_problem(await attempt({ origin: server.origin, 'content-type': 'application/x-www-form-urlencoded' }), 415, 'unsupported');
  assert.equal((await attempt({ origin: server.origin })).status, 200);
  const read = await rest(server, 'GET', '/users/me', { headers: { cookie: ana.cookie, origin: 'https://evil.example' } });
  assert.equal(read.headers.get('access-control-allow-origin'), null);
});

await check('[AU10] without a session nothing is told', async () => {
  for (const [method, path] of [
    ['GET', '/users/me'], ['GET', '/users'], ['GET', `/users/${ana.userId}`], ['GET', '/chats'], ['POST', '/chats'],
    ['GET', '/chats/1'], ['POST', '/sync'], ['GET', '/auth/sessions'], ['POST', '/auth/logout'], ['DELETE', '/users/me'],
  ]) {
    const answer = await rest(server, method, path, { headers: { origin: server.origin, 'content-type': 'application/json' } });
    assert_problem(answer, 401, 'unauthenticated');
  }
});

await check('[AU11] [ED42] sessions are listed; ending one closes its sockets with 4001', async () => {
  const other = await Person.login(server.origin, ana.username, ana.password);
  const peer = await Peer.of(other);
  const mine = await Peer.of(ana);
  const { sessions } = await ana.call('GET', '/auth/sessions');
  const theirs = sessions.find((session) => session.sessionId === peer.welcome.sessionId);
  assert.ok(theirs && theirs.current === false);
  assert.equal(sessions.find((session) => session.current).sessionId, mine.welcome.sessionId);
  const ended = await rest(server, 'DELETE', `/auth/sessions/${theirs.sessionId}`, { as: ana });
  assert.equal(ended.status, 204);
  assert.equal((await peer.closed).code, 4001);
  assert_problem(await rest(server, 'GET', '/users/me', { as: other }), 401, 'unauthenticated');
  await mine.barrier();
  await mine.close();
});

await check('[AU11] another person\'s session is not there', async () => {
  const peer = await Peer.of(bea);
  const answer = await rest(server, 'DELETE', `/auth/sessions/${peer.welcome.sessionId}`, { as: ana });
  assert_problem(answer, 404, 'not_found');
  await peer.barrier();
  await peer.close();
});

await check('[AU11] [ED42] signing out ends the session, its sockets and its cookie', async () => {
  const other = await Person.login(server.origin, bea.username, bea.password);
  const peer = await Peer.of(other);
  const answer = await rest(server, 'POST', '/auth/logout', { as: other });
  assert.equal(answer.status, 204);
  assert.match(answer.headers.get('set-cookie'), /Max-Age=0/);
  assert.equal((await peer.closed).code, 4001);
  assert_problem(await rest(server, 'GET', '/users/me', { as: other }), 401, 'unauthenticated');
});

await check('[AU4] a new password ends the other sessions and needs the old one', async () => {
  const cid = await person(server, 'Cid');
  const other = await Person.login(server.origin, cid.username, cid.password);
  const peer = await Peer.of(other);
  const change = (oldPassword, newPassword) =>
    rest(server, 'POST', '/auth/password', { as: cid, body: { oldPassword, newPassword } });
  const wrong = await change('not it at all', 'another password');
  assert.ok([401, 403].includes(wrong.status), wrong.text);
  assert.equal((await change(cid.password, 'short')).status, 422);
  assert.equal((await change(cid.password, 'another password')).status, 204);
  assert.equal((await peer.closed).code, 4001);
  assert.equal((await rest(server, 'GET', '/users/me', { as: cid })).status, 200);
  await Person.login(server.origin, cid.username, 'another password');
  await assert.rejects(Person.login(server.origin, cid.username, cid.password), { code: 'unauthenticated' });
});

await check('[AU12] a profile is shown and changed; others see the new name', async () => {
  const dan = await person(server, 'Dan');
  const renamed = await rest(server, 'PUT', '/users/me', { as: dan, body: { displayName: 'Danny' } });
  assert.equal(renamed.status, 200);
  const seen = await ana.call('GET', `/users/${dan.userId}`);
  assert.equal(seen.displayName, 'Danny');
  assert.equal(seen.username, dan.username);
  assert_problem(await rest(server, 'PUT', '/users/me', { as: dan, body: { displayName: '' } }), 400, 'bad_frame');
  assert_problem(await rest(server, 'GET', '/users/1', { as: dan }), 404, 'not_found');
  assert_problem(await rest(server, 'GET', '/users/x', { as: dan }), 404, 'not_found');
});

await check('[AU12] people are found by the beginning of either name; contacts are those of one\'s chats', async () => {
  const found = await bea.call('GET', `/users?q=${encodeURIComponent('adm')}`);
  assert.ok(found.users.some((user) => user.userId === ana.userId));
  assert.equal(JSON.stringify(found).includes('password'), false);
  const by_name = await bea.call('GET', `/users?q=${ana.username.slice(0, 6)}`);
  assert.ok(by_name.users.some((user) => user.userId === ana.userId));
  assert.deepEqual((await bea.call('GET', '/users?q=')).users, []);
  const eva = await person(server, 'Eva');
  assert.deepEqual((await eva.call('GET', '/users/me/contacts')).users, []);
  await direct_chat(eva, bea);
  assert.deepEqual((await eva.call('GET', '/users/me/contacts')).users.map((user) => user.userId), [bea.userId]);
});

await check('[RO5] whoever blocks another is not written to by them, and may be again', async () => {
  const [fay, gus] = [await person(server, 'Fay'), await person(server, 'Gus')];
  const { chatId } = await direct_chat(gus, fay);
  const g = await Peer.of(gus);
  assert.equal((await rest(server, 'PUT', `/users/me/blocks/${gus.userId}`, { as: fay })).status, 204);
  const refused = await g.say(chatId, 'hello?');
  assert.equal(refused.code, 'forbidden');
  assert.equal((await rest(server, 'DELETE', `/users/me/blocks/${gus.userId}`, { as: fay })).status, 204);
  assert.equal((await g.say(chatId, 'hello!')).type, 'message_ack');
  await g.close();
});

await check('[AU6] a deleted account is gone: sessions end, the name stays in the history', async () => {
  const [hal, ivy] = [await person(server, 'Hal'), await person(server, 'Ivy')];
  const { chatId } = await direct_chat(hal, ivy);
  const h = await Peer.of(hal);
  await h.say(chatId, 'so long');
  const answer = await rest(server, 'DELETE', '/users/me', { as: hal, body: { password: hal.password } });
  assert.equal(answer.status, 204, answer.text);
  assert.equal((await h.closed).code, 4001);
  await assert.rejects(Person.login(server.origin, hal.username, hal.password), { code: 'unauthenticated' });
  const history = await ivy.history(chatId);
  assert.ok(history.some((message) => message.senderId === hal.userId && message.content.text === 'so long'));
});

await check('[AU5] tries to sign in are limited, with when to try again', async () => {
  const strict = await start_strict();
  const cid = await person(strict, 'Cid');
  let answer;
  for (let i = 0; i < 30; i += 1) {
    answer = await rest(strict, 'POST', '/auth/login', {
      body: { username: cid.username, password: 'wrong every time' },
      headers: { origin: strict.origin },
    });
    if (answer.status === 429) break;
  }
  assert_problem(answer, 429, 'rate_limited');
  assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  await strict.stop();
});

await check('[AU2] a closed server takes nobody new; by invite only who has one', async () => {
  for (const mode of ['closed', 'invite']) {
    const strict = await start(['--registration', mode]);
    const answer = await rest(strict, 'POST', '/auth/register', {
      body: { username: fresh_name(), displayName: 'New', password: kPassword },
      headers: { origin: strict.origin },
    });
    assert_problem(answer, 403, 'forbidden');
    await strict.stop();
  }
});

await server.stop();
