// Frames that no honest client sends: each gets its code or close, is counted, and costs another
// client nothing.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { check } from '../../support/checks.mjs';
import { Peer } from './peer.mjs';
import { direct_chat, growth, person, start, start_strict } from './stage.mjs';

const server = await start();
const [ana, bea] = await Promise.all([person(server, 'Ana'), person(server, 'Bea')]);
const { chatId } = await direct_chat(ana, bea);
const witness = await Peer.of(bea); // must not notice any of it
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);

/** A fresh connection for each: ten bad frames would close one. */
async function refusal_of(bytes) {
  const peer = await Peer.of(ana);
  let error;
  const grown = await growth(server, 'godwit_errors_total', /.*/, async () => {
    peer.send(bytes);
    error = await peer.next((f) => f.type === 'error', `the refusal of ${bytes.slice(0, 60)}`);
  });
  assert.equal(grown, 1, 'counted');
  await peer.barrier(); // and the connection is still open
  await peer.close();
  return error;
}

const kBadFrames = [
  ['malformed JSON', '{"type":"ping"'],
  ['no JSON at all', 'hello there'],
  ['an empty frame', ''],
  ['something after the object', '{"type":"ping"} {"type":"ping"}'],
  ['an array', '[{"type":"ping"}]'],
  ['a number', '5'],
  ['no type', '{"nonce":"x"}'],
  ['a type that is no string', '{"type":7}'],
  ['a key twice', '{"type":"ping","nonce":"a","nonce":"b"}'],
  ['nesting of 17', `{"type":"ping","x":${nested(16)}}`],
  ['nesting of thousands', `{"type":"ping","x":${nested(20_000)}}`],
  ['an unclosed nest', '['.repeat(60_000)],
  ['a lone surrogate escape', '{"type":"ping","nonce":"\\ud800"}'],
  ['a raw control character', '{"type":"ping","nonce":"a\u0001"}'],
  ['a NUL byte', '{"type":"ping"}\u0000'],
  ['a number too large for a position', `{"type":"read","chatId":"${chatId}","seq":9007199254740993}`],
  ['a fraction for a position', `{"type":"read","chatId":"${chatId}","seq":1.5}`],
  ['a negative position', `{"type":"read","chatId":"${chatId}","seq":-1}`],
  ['a number for an id', `{"type":"typing","chatId":${chatId},"isTyping":true}`],
  ['a missing field', `{"type":"typing","chatId":"${chatId}"}`],
  ['a second hello', '{"type":"hello","protocol":1,"deviceId":"d","coreVersion":"1"}'],
  ['offline as a presence', '{"type":"presence","status":"offline"}'],
];

for (const [what, bytes] of kBadFrames) {
  await check(`[WI26] ${what} is bad_frame and the connection stays`, async () => {
    const error = await refusal_of(bytes);
    assert.equal(error.code, 'bad_frame', JSON.stringify(error));
    assert.equal(error.retryable, false);
    assert.equal(typeof error.message, 'string');
  });
}

await check('[WI30] an unknown type is unsupported', async () => {
  const tempId = randomUUID();
  const error = await refusal_of(JSON.stringify({ type: 'levitate', tempId }));
  assert.equal(error.code, 'unsupported');
  assert.equal(error.tempId, tempId);
});

await check('[WI28] a refusal names the operation that it refuses', async () => {
  const tempId = randomUUID();
  const error = await refusal_of(JSON.stringify({ type: 'message', tempId, chatId: 'x', content: { type: 'text', text: 'a' } }));
  assert.equal(error.code, 'bad_frame');
  assert.equal(error.tempId, tempId);
});

await check('[WI22] texts that break the rules get their codes', async () => {
  const peer = await Peer.of(ana);
  const code_of = async (content) => (await peer.ask({ type: 'message', chatId, content })).code;
  assert.equal(await code_of({ type: 'text', text: '' }), 'invalid_content');
  assert.equal(await code_of({ type: 'text', text: ' \n\u2003' }), 'invalid_content');
  assert.equal(await code_of({ type: 'text', text: 'a\u0000b' }), 'invalid_content');
  assert.equal(await code_of({ type: 'text', text: 'x'.repeat(16_385) }), 'too_large');
  assert.equal(await code_of({ type: 'image', url: 'x' }), 'invalid_content');
  assert.equal(await code_of({ type: 'system', kind: 'created' }), 'invalid_content');
  assert.equal((await peer.say(chatId, 'x'.repeat(16_384))).type, 'message_ack');
  await peer.close();
});

await check('[ED72] [WI37] a frame of 64 KiB is read, of 65 KiB closes with 1009', async () => {
  const peer = await Peer.of(ana);
  const frame = '{"type":"ping","nonce":"big","pad":"';
  peer.send(`${frame}${'x'.repeat(65_536 - frame.length - 2)}"}`);
  await peer.next((f) => f.type === 'pong' && f.nonce === 'big');
  const grown = await growth(server, 'godwit_socket_closes_total', /1009/, async () => {
    peer.send(`${frame}${'x'.repeat(65 * 1024)}"}`);
    assert.equal((await peer.closed).code, 1009);
  });
  assert.equal(grown, 1);
});

await check('[ED72] a large frame in many pieces closes with 1009 too', async () => {
  const peer = await Peer.of(ana);
  for (let i = 0; i < 70; i += 1) peer.send_bytes('x'.repeat(1024), { binary: false, fin: false });
  assert.equal((await peer.closed).code, 1009);
});

await check('[ED72] a frame in two pieces is one frame', async () => {
  const peer = await Peer.of(ana);
  peer.send_bytes('{"type":"ping",', { binary: false, fin: false });
  peer.send_bytes('"nonce":"pieces"}', { binary: false, fin: true });
  await peer.next((f) => f.type === 'pong' && f.nonce === 'pieces');
  await peer.close();
});

await check('[ED72] a binary frame closes with 1003', async () => {
  const peer = await Peer.of(ana);
  const grown = await growth(server, 'godwit_socket_closes_total', /1003/, async () => {
    peer.send_bytes(Buffer.from('{"type":"ping"}'), { binary: true });
    assert.equal((await peer.closed).code, 1003);
  });
  assert.equal(grown, 1);
});

await check('[ED72] invalid UTF-8 closes with 1007', async () => {
  for (const bytes of [[0x22, 0xff, 0x22], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x22, 0xe2, 0x82]]) {
    const peer = await Peer.of(ana);
    peer.send_bytes(Buffer.from(bytes), { binary: false });
    assert.equal((await peer.closed).code, 1007);
  }
});

await check('[ED41] the tenth bad frame within a minute closes with 4029, the ninth does not', async () => {
  const peer = await Peer.of(ana);
  for (let i = 0; i < 9; i += 1) peer.send('{');
  await peer.barrier();
  assert.equal(peer.log.filter((f) => f.type === 'error').length, 9);
  const grown = await growth(server, 'godwit_socket_closes_total', /4029/, async () => {
    peer.send('{');
    assert.equal((await peer.closed).code, 4029);
  });
  assert.equal(grown, 1);
  assert.equal(peer.log.filter((f) => f.type === 'error' && f.code === 'bad_frame').length, 10);
});

await check('[ED41] what is refused for its content does not count as bad frames', async () => {
  const peer = await Peer.of(ana);
  for (let i = 0; i < 15; i += 1) {
    assert.equal((await peer.say(chatId, ' ')).code, 'invalid_content');
    assert.equal((await peer.ask({ type: 'levitate' })).code, 'unsupported');
  }
  await peer.barrier();
  await peer.close();
});

await check('[RO1] watermarks and typing for foreign chats are ignored without a word', async () => {
  const peer = await Peer.of(ana);
  for (const foreign of ['1', '4611686018427387904']) {
    peer.send({ type: 'read', chatId: foreign, seq: 5 });
    peer.send({ type: 'delivered', chatId: foreign, seq: 5 });
    peer.send({ type: 'typing', chatId: foreign, isTyping: true });
  }
  await peer.barrier();
  assert.equal(peer.log.some((f) => f.type === 'error'), false);
  await peer.close();
});

await check('[OR44] [OR4] beyond the rate operations are refused in order, and later accepted', async () => {
  // So few a second that a machine that takes long over the flood lets no more of it through.
  const strict = await start_strict(['--operations-per-user', '50/1']);
  const [cid, dan] = await Promise.all([person(strict, 'Cid'), person(strict, 'Dan')]);
  const chat = await direct_chat(cid, dan);
  const peer = await Peer.of(cid);
  const ids = Array.from({ length: 150 }, () => randomUUID());
  const answers = await Promise.all(ids.map((tempId, at) => peer.say(chat.chatId, `flood ${at}`, { tempId })));
  const first = answers.findIndex((f) => f.type === 'error');
  assert.ok(first > 0, 'the rate was met');
  for (const answer of answers.slice(first)) {
    assert.equal(answer.type, 'error', 'after a refusal the later ones are refused as well');
    assert.equal(answer.code, 'rate_limited');
    assert.equal(answer.retryable, true);
    assert.ok(answer.retryAfterMs > 0);
  }
  const seqs = answers.slice(0, first).map((f) => f.seq);
  assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
  let again = answers[first];
  while (again.type === 'error') {
    await new Promise((resolve) => setTimeout(resolve, again.retryAfterMs)); // as it was told to
    again = await peer.say(chat.chatId, `flood ${first}`, { tempId: ids[first] });
  }
  assert.equal(again.seq, seqs.at(-1) + 1);
  await strict.stop();
});

await check('[ED43] a connection that sends too many frames is closed with 4029', async () => {
  const strict = await start_strict(['--frames-per-connection', '50/1']);
  const peer = await Peer.of(await person(strict, 'Eva'));
  for (let i = 0; i < 100; i += 1) peer.send({ type: 'ping' });
  assert.equal((await peer.closed).code, 4029);
  await strict.stop();
});

await check('[ED64] the other client noticed nothing of all this', async () => {
  await witness.barrier();
  assert.equal(witness.log.some((f) => f.type === 'error'), false);
  const ack = await witness.say(chatId, 'all quiet');
  assert.equal(ack.type, 'message_ack');
  const seqs = witness.log.filter((f) => f.chatId === chatId && f.type === 'message').map((f) => f.seq);
  assert.deepEqual(seqs, seqs.map((_, at) => seqs[0] + at));
});

await server.stop();
