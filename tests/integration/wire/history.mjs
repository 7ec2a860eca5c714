// Pages of history by REST: both ways, around, changed since, and their edges.
import assert from 'node:assert/strict';

import { check } from '../../support/checks.mjs';
import { Peer } from './peer.mjs';
import { assert_problem, direct_chat, person, rest, start } from './stage.mjs';

const server = await start();
const [ana, bea, cid] = await Promise.all([person(server, 'Ana'), person(server, 'Bea'), person(server, 'Cid')]);
const { chatId } = await direct_chat(ana, bea);
const a = await Peer.of(ana);
const acks = [];
for (let i = 0; i < 130; i += 1) acks.push(await a.say(chatId, `m${i}`)); // seqs 2 to 131
const changed = await a.ask({ type: 'edit', chatId, messageId: acks[20].messageId, content: { type: 'text', text: 'new' } });
const page_of = (query) => bea.call('GET', `/chats/${chatId}/messages${query}`);
const seqs = (page) => page.messages.map((message) => message.seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

await check('[SY50] without a cursor come the newest 50, ascending', async () => {
  const page = await page_of('');
  assert.deepEqual(seqs(page), range(82, 131));
  assert.equal(page.from, 82);
  assert.equal(page.to, changed.seq, 'the page reaches to the head');
  assert.equal(page.asOf, changed.seq);
  assert.equal(page.hasBefore, true);
  assert.equal(page.hasAfter, false);
  assert.equal(page.hasMore, true);
  assert.equal(String(page.nextCursor), '82');
});

await check('[SY50] [ST25] before is exclusive and walks to the beginning', async () => {
  let cursor = '';
  let seen = [];
  for (let steps = 0; steps < 10; steps += 1) {
    const page = await page_of(`?limit=30${cursor === '' ? '' : `&before=${cursor}`}`);
    seen = [...seqs(page), ...seen];
    if (!page.hasMore) {
      assert.equal(page.hasBefore, false);
      assert.equal(page.nextCursor, null);
      break;
    }
    cursor = page.nextCursor;
  }
  assert.deepEqual(seen, range(1, 131));
});

await check('[SY50] [ST25] after is exclusive and walks to the end', async () => {
  let cursor = 0;
  let seen = [];
  for (let steps = 0; steps < 10; steps += 1) {
    const page = await page_of(`?limit=100&after=${cursor}`);
    seen = [...seen, ...seqs(page)];
    if (!page.hasMore) break;
    cursor = page.nextCursor;
  }
  assert.deepEqual(seen, range(1, 131));
});

await check('[SY50] pages around a message and around a time hold it', async () => {
  const { messageId, seq, timestamp } = acks[60];
  const around = await page_of(`?aroundId=${messageId}&limit=11`);
  assert.ok(seqs(around).includes(seq));
  assert.equal(around.messages.length, 11);
  assert.equal(around.hasBefore && around.hasAfter, true);
  assert.deepEqual(seqs(around), range(seqs(around)[0], seqs(around)[0] + 10));
  const by_time = await page_of(`?aroundTime=${timestamp}&limit=11`);
  assert.ok(seqs(by_time).some((s) => Math.abs(s - seq) <= 11));
  const early = await page_of('?aroundTime=1970-01-01T00:00:00.000Z&limit=5');
  assert.equal(seqs(early)[0], 1);
  const late = await page_of('?aroundTime=9999-01-01T00:00:00.000Z&limit=5');
  assert.equal(seqs(late).at(-1), 131);
});

await check('[SY51] changedSince gives only what has a higher rev in the range', async () => {
  const page = await page_of(`?after=0&limit=100&changedSince=${changed.seq - 1}`);
  assert.deepEqual(seqs(page), [acks[20].seq]);
  assert.equal(page.messages[0].rev, changed.rev);
  assert.equal(page.messages[0].content.text, 'new');
  const none = await page_of(`?after=0&limit=100&changedSince=${changed.seq}`);
  assert.deepEqual(none.messages, []);
  assert.ok(none.to >= none.from, 'the range is told even when nothing changed in it');
});

await check('[SY52] limit is 100 at most', async () => {
  assert.equal((await page_of('?limit=1000')).messages.length, 100);
  assert.equal((await page_of('?limit=1')).messages.length, 1);
});

await check('[SY53] a page that does not exist is empty, a malformed query a problem', async () => {
  assert.deepEqual((await page_of('?before=1')).messages, []);
  assert.deepEqual((await page_of('?after=100000')).messages, []);
  for (const query of ['?before=x', '?before=-1', '?after=1.5', '?limit=x', '?aroundId=x', '?aroundTime=noon', '?before=5&after=1', '?changedSince=x', '?before=9007199254740993', '?limit=%ff']) {
    const answer = await rest(server, 'GET', `/chats/${chatId}/messages${query}`, { as: bea });
    assert.equal(answer.status, 400, `${query}: ${answer.status} ${answer.text}`);
    assert.equal(answer.body.code, 'bad_frame');
  }
  const unknown = await rest(server, 'GET', `/chats/${chatId}/messages?aroundId=1`, { as: bea });
  assert_problem(unknown, 404, 'not_found');
});

await check('[RO1] the history of a chat of others is not there', async () => {
  assert_problem(await rest(server, 'GET', `/chats/${chatId}/messages`, { as: cid }), 404, 'not_found');
  assert_problem(await rest(server, 'GET', '/chats/1/messages', { as: cid }), 404, 'not_found');
  assert_problem(await rest(server, 'GET', `/chats/${chatId}`, { as: cid }), 404, 'not_found');
});

await check('[OR41] the own tempId is in the page, another\'s never', async () => {
  const mine = await ana.call('GET', `/chats/${chatId}/messages?limit=5`);
  assert.ok(mine.messages.every((message) => message.tempId));
  const hers = await page_of('?limit=5');
  assert.ok(hers.messages.every((message) => message.tempId === undefined));
});

await check('[SY54] chats are listed most recent first, page by page, with the last message', async () => {
  const eva = await person(server, 'Eva');
  const made = [];
  for (let i = 0; i < 7; i += 1) {
    made.unshift((await eva.call('POST', '/chats', { groupName: `G${i}`, participantIds: [ana.userId] })).chatId);
  }
  const e = await Peer.of(eva);
  await e.say(made[6], 'up');
  const order = [made[6], ...made.slice(0, 6)];
  const seen = [];
  let cursor = '';
  for (let steps = 0; steps < 9; steps += 1) {
    const page = await eva.call('GET', `/chats?limit=3${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    seen.push(...page.chats);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  assert.deepEqual(seen.map((c) => c.chatId), order);
  assert.equal(seen[0].lastMessage.content.text, 'up');
  for (const chat of seen) {
    assert.equal(chat.type, 'group');
    assert.ok(chat.members.length === 2 && chat.receipts && Number.isInteger(chat.unread) && Number.isInteger(chat.rev));
  }
  const bad = await rest(server, 'GET', '/chats?cursor=nonsense', { as: eva });
  assert.ok(bad.status >= 400 && bad.status < 500);
});

await server.stop();
