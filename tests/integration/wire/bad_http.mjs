// HTTP as no honest client speaks it. Meanwhile, always, another client is served.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

import { check } from '../../support/checks.mjs';
import { Peer } from './peer.mjs';
import { RawSocket } from './raw_http.mjs';
import { direct_chat, growth, metric, person, rest, start } from './stage.mjs';

// Short times, so that what is slow is given up on soon; long enough for whoever is honest on a busy
// machine. Idle connections are left alone: Node's own keeps one for 4 s, and if the server ended it at the
// same moment, the next request would fail.
const server = await start(['--header-timeout-ms', '3000', '--body-timeout-ms', '3000', '--write-timeout-ms', '2500', '--silence-ms-max', '5000']);
const { port } = server;
const [ana, bea] = await Promise.all([person(server, 'Ana'), person(server, 'Bea')]);
const { chatId } = await direct_chat(ana, bea);
const kHost = `Host: 127.0.0.1:${port}\r\n`;
const as_ana = `Cookie: ${ana.cookie}\r\nOrigin: ${server.origin}\r\n`;
const kJson = 'Content-Type: application/json\r\n';
const get = (path, more = '') => `GET ${path} HTTP/1.1\r\n${kHost}${more}\r\n`;

/** Everybody else goes on being served: a read, a write and its delivery. */
async function assert_others_are_served() {
  assert.equal((await rest(server, 'GET', '/chats', { as: bea })).status, 200);
  const b = await Peer.of(bea);
  assert.equal((await b.say(chatId, 'still here')).type, 'message_ack');
  await b.close();
}

async function ask_raw(bytes) {
  const raw = await RawSocket.open(port);
  await raw.write(bytes);
  const answer = await raw.answer();
  raw.destroy();
  return answer;
}

async function assert_refused(bytes, statuses, reason = /.*/) {
  const grown = await growth(server, 'godwit_refused_total', reason, async () => {
    const raw = await RawSocket.open(port);
    await raw.write(bytes);
    const answer = await raw.answer();
    assert.ok([statuses].flat().includes(answer.status), `${answer.status}: ${answer.text}`);
    assert.match(answer.headers.get('content-type'), /problem\+json/);
    await raw.end();
    assert.equal(raw.received.length, 0, `nothing after the refusal: ${raw.received}`);
    raw.destroy();
  });
  assert.equal(grown, 1, 'counted');
}

for (const [what, bytes, status] of [
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['TLS to a plain port', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 13, 10, 13, 10]), 400],
  ['a header without a colon', `GET / HTTP/1.1\r\n${kHost}nonsense\r\n\r\n`, 400],
  ['a blank before the colon', `GET / HTTP/1.1\r\n${kHost}X-A : b\r\n\r\n`, 400],
  ['a NUL in a header', `GET / HTTP/1.1\r\n${kHost}X-A: a\u0000b\r\n\r\n`, 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET / HTTP/1.1\r\n${kHost}${kHost}\r\n`, 400],
  ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a b;c\r\n\r\n', 400],
  ['a version of the future', `GET / HTTP/2.0\r\n${kHost}\r\n`, [400, 505]],
  ['an unknown method', `BREW / HTTP/1.1\r\n${kHost}\r\n`, 405],
  ['CONNECT', `CONNECT example.org:443 HTTP/1.1\r\n${kHost}\r\n`, [400, 405]],
  ['TRACE', `TRACE / HTTP/1.1\r\n${kHost}\r\n`, 405],
  ['a target that is no path', `GET example HTTP/1.1\r\n${kHost}\r\n`, 400],
  ['a line of 20,000 bytes', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${kHost}\r\n`, [414, 431]],
  ['headers of 64,000 bytes', `GET / HTTP/1.1\r\n${kHost}${'X-A: b\r\n'.repeat(8_000)}\r\n`, 431],
  ['an expectation that is unknown', `POST /api/v1/sync HTTP/1.1\r\n${kHost}Expect: tea\r\nContent-Length: 2\r\n\r\n{}`, 417],
]) {
  await check(`[ED62] [ED76] ${what} is refused, counted, and the connection closed`, async () => {
    await assert_refused(bytes, status);
  });
}

await check('[ED60] a request line in pieces is a request', async () => {
  const raw = await RawSocket.open(port);
  for (const piece of ['G', 'ET /heal', 'thz HT', 'TP/1.1\r', '\nHos', `t: 127.0.0.1:${port}\r\n`, '\r', '\n']) {
    await raw.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await raw.answer()).status, 200);
  raw.destroy();
});

await check('[ED60] [ED64] a socket that sends a byte a second is given up on; others are served', async () => {
  const grown = await growth(server, 'godwit_refused_total', /slow_header/, async () => {
    const slow = await Promise.all(Array.from({ length: 8 }, () => RawSocket.open(port)));
    const request = get('/healthz', 'X-Slow: yes\r\n');
    let at = 0;
    const drip = setInterval(() => {
      for (const raw of slow) void raw.write(request[at] ?? 'x');
      at += 1;
    }, 1_000);
    await assert_others_are_served();
    for (const raw of slow) {
      await raw.end();
      raw.destroy();
    }
    clearInterval(drip);
  });
  assert.equal(grown, 8);
});

await check('[ED60] a socket that says nothing is closed', async () => {
  const raw = await RawSocket.open(port);
  await raw.end();
  raw.destroy();
});

await check('[ED74] [LV3] a WebSocket that falls silent is closed and its person offline', async () => {
  const [cid, dan] = [await person(server, 'Cid'), await person(server, 'Dan')];
  await direct_chat(cid, dan);
  const c = await Peer.of(cid);
  const d = await Peer.of(dan);
  const pings = setInterval(() => c.send({ type: 'ping' }), 500);
  await c.next((f) => f.type === 'presence' && f.userId === dan.userId && f.status === 'offline', 'offline');
  await d.closed;
  clearInterval(pings);
  await c.close();
});

await check('[ED61] [ED76] a body that never ends is answered 408 and counted', async () => {
  const grown = await growth(server, 'godwit_refused_total', /slow_body/, async () => {
    const raw = await RawSocket.open(port);
    await raw.write(`POST /api/v1/chats HTTP/1.1\r\n${kHost}${as_ana}${kJson}Content-Length: 1000\r\n\r\n{"a":`);
    await assert_others_are_served();
    const answer = await raw.answer();
    assert.equal(answer.status, 408);
    await raw.end();
    raw.destroy();
  });
  assert.equal(grown, 1);
});

await check('[ED61] a chunked body that never ends is given up on', async () => {
  const raw = await RawSocket.open(port);
  await raw.write(`POST /api/v1/chats HTTP/1.1\r\n${kHost}${as_ana}${kJson}Transfer-Encoding: chunked\r\n\r\n`);
  const drip = setInterval(() => void raw.write('1\r\nx\r\n'), 200);
  const answer = await raw.answer();
  clearInterval(drip);
  assert.ok([408, 413].includes(answer.status), String(answer.status));
  await raw.end();
  raw.destroy();
});

await check('[ED61] a body larger than allowed is 413, and its rest is never read as a request', async () => {
  const smuggled = get('/smuggled-away');
  for (const framing of ['length', 'chunked']) {
    const grown = await growth(server, 'godwit_refused_total', /body/, async () => {
      const raw = await RawSocket.open(port);
      const big = 'x'.repeat(400_000);
      const head = `POST /api/v1/chats HTTP/1.1\r\n${kHost}${as_ana}${kJson}`;
      if (framing === 'length') await raw.write(`${head}Content-Length: ${big.length}\r\n\r\n`);
      else await raw.write(`${head}Transfer-Encoding: chunked\r\n\r\n61a80\r\n`);
      void raw.write(big.slice(0, 300_000));
      void raw.write(smuggled.repeat(20));
      const answer = await raw.answer();
      assert.equal(answer.status, 413);
      await raw.end();
      assert.equal(raw.received.includes('HTTP/1.1'), false, 'one answer and no more');
      raw.destroy();
    });
    assert.equal(grown, 1);
  }
});

await check('[ED63] a body larger than declared is the next request, never part of this one', async () => {
  const raw = await RawSocket.open(port);
  await raw.write(`POST /api/v1/sync HTTP/1.1\r\n${kHost}${as_ana}${kJson}Content-Length: 12\r\n\r\n{"chats":{}}EXTRA / HTTP/1.1\r\n\r\n`);
  assert.equal((await raw.answer()).status, 200);
  assert.ok((await raw.answer()).status >= 400);
  await raw.end();
  raw.destroy();
});

for (const [what, framing, body] of [
  ['Content-Length beside Transfer-Encoding', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  ['two Content-Lengths', 'Content-Length: 2\r\nContent-Length: 40\r\n', '{}'],
  ['two equal Content-Lengths', 'Content-Length: 2\r\nContent-Length: 2\r\n', '{}'],
  ['a list of Content-Lengths', 'Content-Length: 2, 2\r\n', '{}'],
  ['a signed Content-Length', 'Content-Length: +2\r\n', '{}'],
  ['a hexadecimal Content-Length', 'Content-Length: 0x2\r\n', '{}'],
  ['a Content-Length past 2^64', 'Content-Length: 18446744073709551618\r\n', '{}'],
  ['Transfer-Encoding twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  ['an unknown Transfer-Encoding', 'Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'],
  ['a disguised Transfer-Encoding', 'Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
  ['a malformed chunk size', 'Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'],
]) {
  await check(`[ED62] ${what} is refused and nothing after it is read`, async () => {
    const raw = await RawSocket.open(port);
    await raw.write(`POST /api/v1/sync HTTP/1.1\r\n${kHost}${as_ana}${kJson}${framing}\r\n${body}${get('/healthz')}`);
    const answer = await raw.answer();
    assert.ok([400, 413, 501].includes(answer.status), `${answer.status} ${answer.text}`);
    await raw.end();
    assert.equal(raw.received.includes('HTTP/1.1'), false, 'the smuggled request was not served');
    raw.destroy();
  });
}

await check('[ED63] pipelined requests are answered in order', async () => {
  const raw = await RawSocket.open(port);
  await raw.write(get('/healthz') + get('/nowhere') + get('/api/v1/users/me', as_ana) + get('/healthz'));
  const statuses = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await raw.answer()).status);
  assert.deepEqual(statuses, [200, 404, 200, 200]);
  raw.destroy();
});

await check('[ED66] Expect: 100-continue is answered before the body is sent', async () => {
  const raw = await RawSocket.open(port);
  await raw.write(`POST /api/v1/sync HTTP/1.1\r\n${kHost}${as_ana}${kJson}Expect: 100-continue\r\nContent-Length: 12\r\n\r\n`);
  assert.equal((await raw.answer('100 Continue')).status, 100);
  await raw.write('{"chats":{}}');
  assert.equal((await raw.answer()).status, 200);
  raw.destroy();
});

await check('[ED66] HTTP/1.1 without Connection stays open, HTTP/1.0 closes unless it asks', async () => {
  const kept = await RawSocket.open(port);
  await kept.write(get('/healthz'));
  assert.equal((await kept.answer()).headers.get('connection')?.toLowerCase() === 'close', false);
  await kept.write(get('/healthz'));
  assert.equal((await kept.answer()).status, 200);
  kept.destroy();
  const old = await RawSocket.open(port);
  await old.write('GET /healthz HTTP/1.0\r\n\r\n');
  assert.equal((await old.answer()).status, 200);
  await old.end();
  old.destroy();
  const asking = await RawSocket.open(port);
  for (let i = 0; i < 2; i += 1) {
    await asking.write('GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    assert.equal((await asking.answer()).status, 200);
  }
  asking.destroy();
});

const upgrade = () =>
  `GET /ws HTTP/1.1\r\n${kHost}${as_ana}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: godwit.v1\r\n\r\n`;

function masked_text(text) {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length]) : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
}

await check('[ED71] /ws on a connection that has served requests is a WebSocket', async () => {
  const raw = await RawSocket.open(port);
  for (let i = 0; i < 3; i += 1) {
    await raw.write(get('/api/v1/users/me', as_ana));
    assert.equal((await raw.answer()).status, 200);
  }
  const request = upgrade();
  await raw.write(request);
  const answer = await raw.answer('101');
  assert.equal(answer.status, 101);
  const key = /Key: (\S+)/.exec(request)[1];
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  assert.equal(answer.headers.get('sec-websocket-accept'), accept);
  await raw.write(masked_text('{"type":"hello","protocol":1,"deviceId":"d","coreVersion":"1"}'));
  while (!raw.received.includes('"welcome"')) await raw.changed('welcome');
  raw.destroy();
});

await check('[ED71] frames sent together with the upgrade are not lost', async () => {
  const raw = await RawSocket.open(port);
  await raw.write(Buffer.concat([
    Buffer.from(upgrade()),
    masked_text('{"type":"hello","protocol":1,"deviceId":"d","coreVersion":"1"}'),
    masked_text('{"type":"ping","nonce":"early"}'),
  ]));
  while (!raw.received.includes('"nonce":"early"')) await raw.changed('the early pong');
  raw.destroy();
});

await check('[ED72] an unmasked frame, a reserved bit and an unknown opcode close with 1002', async () => {
  for (const bytes of [Buffer.from([0x81, 2, 0x7b, 0x7d]), Buffer.from([0xc1, 0x80, 1, 2, 3, 4]), Buffer.from([0x83, 0x80, 1, 2, 3, 4]), Buffer.from([0x89, 0xfe, 0, 200, 1, 2, 3, 4])]) {
    const raw = await RawSocket.open(port);
    await raw.write(upgrade());
    assert.equal((await raw.answer('101')).status, 101);
    await raw.write(bytes);
    await raw.end();
    const at = raw.received.lastIndexOf(0x88);
    assert.ok(at >= 0, 'a close frame');
    assert.equal(raw.received.readUInt16BE(at + 2), 1002);
    raw.destroy();
  }
});

await check('[ED64] eight readers that never read their answers cost nobody else anything', async () => {
  const words = 'w'.repeat(16_000);
  const a = await Peer.of(ana);
  for (let i = 0; i < 60; i += 1) await a.say(chatId, words);
  await a.close();
  const given_up = () => metric(server, 'godwit_refused_total', /slow_reader/);
  const before = await given_up();
  const readers = await Promise.all(Array.from({ length: 8 }, () => RawSocket.open(port)));
  for (const raw of readers) {
    raw.socket.pause();
    await raw.write(get(`/api/v1/chats/${chatId}/messages?limit=100`, as_ana).repeat(12));
  }
  // Given up on in the end; until then, and after, everybody else is served.
  while ((await given_up()) < before + 8) await assert_others_are_served();
  await assert_others_are_served();
  for (const raw of readers) raw.destroy();
});

await check('[ED73] [ED64] a WebSocket that never reads is closed with 4008 and the others go on', async () => {
  const small = await start(['--socket-queue-bytes', '300000']);
  const [eva, fay] = [await person(small, 'Eva'), await person(small, 'Fay')];
  const chat = await direct_chat(eva, fay);
  const e = await Peer.of(eva);
  const f = await Peer.of(fay);
  f.socket.pause();
  const grown = await growth(small, 'godwit_socket_closes_total', /4008/, async () => {
    const words = 'w'.repeat(15_000);
    for (let i = 0; i < 3_000; i += 1) {
      const ack = await e.say(chat.chatId, words);
      if (ack.type === 'error') await new Promise((resolve) => setTimeout(resolve, ack.retryAfterMs)); // as told
      if (i % 20 === 0 && (await metric(small, 'godwit_socket_closes_total', /4008/)) > 0) break;
    }
  });
  assert.equal(grown, 1);
  f.socket.resume();
  await f.closed;
  const back = await Peer.of(fay);
  assert.equal((await back.say(chat.chatId, 'caught up')).type, 'message_ack');
  await small.stop();
});

await check('[ED64] a client gone in the middle of an answer harms nobody', async () => {
  for (let i = 0; i < 20; i += 1) {
    const raw = await RawSocket.open(port);
    await raw.write(get(`/api/v1/chats/${chatId}/messages?limit=100`, as_ana).repeat(3));
    await raw.changed('the beginning of an answer');
    raw.socket.resetAndDestroy();
  }
  const half = await RawSocket.open(port);
  await half.write(`POST /api/v1/chats HTTP/1.1\r\n${kHost}Content-Le`);
  half.socket.resetAndDestroy();
  await assert_others_are_served();
});

await check('[ED69] a path that climbs out of the web folder, or hides, is not there', async () => {
  for (const path of ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '/a/../../etc/passwd', '//etc/passwd', '/.git/config', '/%00', '/index.html%00.js']) {
    const answer = await ask_raw(get(path));
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.equal(answer.text.includes('root:'), false);
  }
});

await check('[ED70] every answer carries the security headers', async () => {
  for (const path of ['/healthz', '/api/v1/users/me', '/nowhere', '/ws']) {
    const { headers } = await fetch(`${server.origin}${path}`);
    const csp = headers.get('content-security-policy');
    assert.ok(csp, path);
    assert.doesNotMatch(csp, /'unsafe-eval'/);
    assert.doesNotMatch(/script-src[^;]*/.exec(csp)?.[0] ?? '', /'unsafe-inline'/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.ok(headers.get('referrer-policy'));
  }
});

await check('[ED70] bodies that are no JSON object are problems, whatever the route', async () => {
  for (const [method, path] of [['POST', '/chats'], ['POST', '/sync'], ['PUT', '/users/me'], ['POST', '/auth/login'], ['POST', '/auth/register'], ['PATCH', `/chats/${chatId}`], ['POST', `/chats/${chatId}/messages`], ['POST', `/chats/${chatId}/read`], ['POST', `/chats/${chatId}/participants`]]) {
    for (const raw of ['{', '[]', '5', '{"a":1,"a":2}', '"x"', '{}x', `{"x":${'['.repeat(17)}${']'.repeat(17)}}`, '{"x":"\ud800"}'.replace('\ud800', '\\ud800')]) {
      const answer = await rest(server, method, path, { as: ana, raw });
      assert.equal(answer.status, 400, `${method} ${path} ${raw}: ${answer.status} ${answer.text}`);
      assert.equal(answer.body.code, 'bad_frame');
    }
  }
});

await check('[ED70] a path or method that does not exist is a problem', async () => {
  for (const [method, path] of [['GET', '/nonsense'], ['GET', '/chats/x'], ['GET', '/chats/1/nonsense'], ['DELETE', '/chats']]) {
    const answer = await rest(server, method, path, { as: ana });
    assert.ok([404, 405].includes(answer.status), `${method} ${path}: ${answer.status}`);
    assert.match(answer.headers.get('content-type'), /problem\+json/);
  }
});

await server.stop();
