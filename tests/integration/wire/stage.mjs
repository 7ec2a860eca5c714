// What the wire checks share: a server, people, chats, REST answers as they are, and figures.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { Person } from '../../support/person.mjs';
import { kRoomy, start_server } from '../../support/server.mjs';

let people = 0;

export function start(flags = []) {
  return start_server({ flags: [...kRoomy, ...flags] });
}

/** The same with the server's own rates; only passwords are cheap. */
export function start_strict(flags = []) {
  return start_server({ flags: ['--argon-ops', '1', '--argon-memory-bytes', '8192', ...flags] });
}

/** A new person with a name that nobody has. */
export function person(server, displayName = 'Somebody') {
  people += 1;
  return Person.register(server.origin, `p${people}-${randomUUID().slice(0, 8)}`, displayName);
}

/** One REST call, `path` below /api/v1, whatever its status: {status, headers, body, text}. */
export async function rest(server, method, path, { as, token, body, headers = {}, raw } = {}) {
  const response = await fetch(`${server.origin}/api/v1${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(as ? { cookie: as.cookie, origin: server.origin } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body !== undefined || raw !== undefined ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
  });
  const text = await response.text();
  let parsed;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  return { status: response.status, headers: response.headers, body: parsed, text };
}

/** Asserts an RFC 9457 problem with this status and code. */
export function assert_problem(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type'), /^application\/problem\+json/);
  assert.equal(answer.body.code, code);
  assert.equal(answer.body.status, status);
  assert.equal(typeof answer.body.title, 'string');
}

export async function direct_chat(one, other) {
  return one.call('POST', '/chats', { participantIds: [other.userId] });
}

export async function group_chat(owner, others, groupName = 'Group') {
  return owner.call('POST', '/chats', { groupName, participantIds: others.map((p) => p.userId) });
}

/** The sum of all samples of a metric whose labels match. */
export async function metric(server, name, labels = /.*/) {
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  let sum = 0;
  for (const line of text.split('\n')) {
    const found = /^([a-z0-9_]+)(\{[^}]*\})? ([0-9.e+]+)$/.exec(line);
    if (found && found[1] === name && labels.test(found[2] ?? '')) sum += Number(found[3]);
  }
  return sum;
}

/** Runs `body` and resolves with how much a metric grew. */
export async function growth(server, name, labels, body) {
  const before = await metric(server, name, labels);
  await body();
  return (await metric(server, name, labels)) - before;
}

/** A chat's log is 1, 2, 3 … : every seq is some event's, taken from a sync from 0. */
export async function assert_gapless(person_, chatId) {
  const answer = await person_.call('POST', '/sync', { chats: { [chatId]: 0 } });
  const seqs = answer.responses.flatMap((part) => (part.events ?? []).map((event) => event.seq));
  assert.deepEqual(seqs, seqs.map((_, at) => at + 1), 'seq is gapless');
  return seqs.length;
}
