/**
 * Storage whose contents were damaged between two lives of the client, in a real Chromium against a
 * real server: the outbox is salvaged, what else is lost is fetched again, and it is said.
 */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { town } from './town.mjs';

const DELIVERED = ['sent', 'delivered', 'read'];
const SENT = ['sent 0', 'sent 1', 'sent 2', 'an answer'];
const QUEUED = ['queued 0', 'queued 1', 'queued 2', 'queued 3', 'queued 4'];

/**
 * Somebody with four messages on the server and five in the outbox, whose storage is then harmed:
 * `harm(records)` returns what to change in each mount, {mount: {path: contents, or null: deleted}}.
 */
function damaged(title, harm, check) {
  test(title, async () => {
    const ana = await town().newcomer();
    try {
      for (const text of SENT.slice(0, 3)) await ana.send(text);
      await ana.shows(SENT.slice(0, 3), DELIVERED);
      await town().peer.call('POST', `/chats/${ana.chatId}/messages`, { tempId: crypto.randomUUID(), content: { type: 'text', text: SENT[3] } });
      await ana.shows(SENT);
      ana.offline();
      for (const text of QUEUED) await ana.send(text);
      await ana.shows([...SENT, ...QUEUED], ['queued', ...DELIVERED]);
      const bare = await ana.openBare();
      // What is on the screen need not be in the history yet.
      await bare.evaluate(stored, ['/h', SENT]);
      await ana.closeTab(bare);
      const records = {};
      for (const mount of ['/q', '/h', '/c']) records[mount] = await bare.evaluate((each) => window.records(each), mount);
      const changes = harm(records);
      for (const [mount, change] of Object.entries(changes)) {
        assert.ok(Object.keys(change).length > 0, `nothing in ${mount} to harm`);
        await bare.evaluate(([each, what]) => window.harm(each, what), [mount, change]);
      }
      await bare.close();
      ana.page = await ana.openTab();
      await ana.page.evaluate((chat) => { window.items(chat); }, ana.chatId);
      await check(ana);
      assert.deepEqual((await ana.app()).storage, { state: 'durable' });
    } finally {
      await ana.end();
    }
  });
}

// Runs in a bare page: resolves once each of the texts stands in one of the mount's records.
async function stored([mount, texts]) {
  const read = async () => (await window.records(mount)).map(([, bytes]) => new TextDecoder().decode(Uint8Array.from(bytes)));
  for (let all = await read(); !texts.every((text) => all.some((each) => each.includes(text))); all = await read());
}

const contents = (text) => [...new TextEncoder().encode(text)];

/** Where the text stands in a record's bytes; -1 where it does not. */
function find(bytes, text) {
  return Buffer.from(bytes).indexOf(Buffer.from(contents(text)));
}

/** The file that holds the text, with one bit of the text turned over. */
function flipped(files, text) {
  const [path, bytes] = files.find(([, each]) => find(each, text) >= 0);
  const changed = [...bytes];
  changed[find(bytes, text) + text.length - 1] ^= 4;
  return { [path]: changed };
}

/** Everything that was whole arrives, once and in order, and the screen has what the server has. */
async function arrives(ana, queued) {
  await ana.online();
  await ana.page.evaluate(([chat, wanted]) => until(() => {
    const items = window.items(chat);
    return wanted.every((text) => items.filter((item) => item[0] === text && item[1] === 'sent').length === 1);
  }), [ana.chatId, queued]);
  const server = await ana.onServer();
  assert.deepEqual(server, [...SENT, ...queued]);
  const shown = await ana.page.evaluate((chat) => window.items(chat), ana.chatId);
  assert.deepEqual(shown.filter(([, status]) => status !== 'failed').map(([text]) => text), server);
  return shown.filter(([, status]) => status === 'failed').map(([text]) => text);
}

damaged('[ST3] [ST93] a flipped bit in the outbox: its message is kept for the person, the others are sent',
  ({ '/q': queue }) => ({ '/q': flipped(queue, 'queued 2') }),
  async (ana) => {
    const failed = await arrives(ana, QUEUED.filter((text) => text !== 'queued 2'));
    assert.deepEqual(failed, ['queued 6'], 'what is left of it, and not sent unasked');
  });

damaged('[ST3] an outbox segment that is cut off: what stands before the cut is sent',
  ({ '/q': queue }) => {
    const [path, bytes] = queue.find(([, each]) => find(each, 'queued 4') >= 0);
    return { '/q': { [path]: bytes.slice(0, find(bytes, 'queued 4')) } };
  },
  async (ana) => {
    await arrives(ana, QUEUED.slice(0, 4));
  });

damaged('[ST11] manifests that are missing: the outbox is sent, the history fetched',
  (records) => Object.fromEntries(Object.entries(records).map(([mount, files]) =>
    [mount, Object.fromEntries(files.filter(([path]) => /manifest/.test(path)).map(([path]) => [path, null]))]).filter(([, change]) => Object.keys(change).length > 0)),
  async (ana) => {
    assert.deepEqual(await arrives(ana, QUEUED), []);
  });

damaged('[ST93] [ST3] a flipped bit in the history: it is fetched again',
  ({ '/h': hot }) => ({ '/h': flipped(hot, 'sent 1') }),
  async (ana) => {
    assert.deepEqual(await arrives(ana, QUEUED), []);
  });

damaged('[ST93] values of another kind in place of the history: they are left out, and it is fetched again',
  ({ '/h': hot }) => ({ '/h': Object.fromEntries(hot.filter(([path]) => !/manifest/.test(path)).map(([path]) =>
    [path, { mode: 0o100666, timestamp: { not: 'a date' }, contents: 'not bytes' }])) }),
  async (ana) => {
    assert.deepEqual(await arrives(ana, QUEUED), []);
  });
