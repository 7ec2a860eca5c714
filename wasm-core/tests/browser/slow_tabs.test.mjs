/**
 * Tabs whose locks, messages and downloads take their time, in a real Chromium against a real server:
 * what a loaded machine does now and then, always. The order of each channel's messages is kept.
 */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { town } from './town.mjs';

// The delays of a run can be had again: GODWIT_SEED, else the commit's, as scripts/test sets it.
const SEED = Number(process.env.GODWIT_SEED ?? process.env.GODWIT_COMMIT_SEED ?? 1) >>> 0;

/** For each worker that is started a prelude with a seed of its own. */
function slowWorkers() {
  let workers = 0;
  return {
    toString: () => {
      workers += 1;
      return `function () { (${slow})(${Math.imul(SEED ^ workers, 0x9e3779b1) >>> 0}); }`;
    },
  };
}

// Runs in workers. Delays are drawn from the seed; a channel's next message never overtakes the last.
function slow(seed) {
  let state = seed || 1;
  const drawn = () => { // xorshift32: from 0 to 1
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const later = (msMax) => new Promise((resolve) => setTimeout(resolve, drawn() * msMax));
  const { request } = LockManager.prototype;
  let first = true; // the worker's own lock, by which the leader knows that its tab lives
  LockManager.prototype.request = async function (...args) {
    const own = first;
    first = false;
    await (own ? new Promise((resolve) => setTimeout(resolve, 1_000)) : later(300));
    return request.apply(this, args);
  };
  const { postMessage } = BroadcastChannel.prototype;
  const lines = new WeakMap();
  BroadcastChannel.prototype.postMessage = function (message) {
    const line = (lines.get(this) ?? Promise.resolve()).then(() => later(60)).then(() => postMessage.call(this, message));
    lines.set(this, line.catch(() => undefined)); // closed meanwhile
  };
  const { fetch } = self;
  self.fetch = async (...args) => {
    await later(600);
    return fetch(...args);
  };
}

/** Resolves once each page shows the last of each name, everything it shows is sent, and it keeps no copy. */
async function allSent(pages, chatId, names) {
  for (const page of pages) {
    await page.evaluate(([chat, last]) => until(() => {
      const items = window.items(chat);
      return last.every((wanted) => items.some(([text]) => text === wanted)) &&
        items.every(([, status]) => status === 'sent') && Object.keys(sessionStorage).length === 0;
    }), [chatId, names.map((name) => `${name} 19`)]);
  }
}

test('[LD1] [LD2] [LD4] three tabs at once with everything slow, one closed and one reloaded while they write: all arrives, once', async () => {
  console.log(`      GODWIT_SEED=${SEED}`);
  const ana = await town().newcomer({ prelude: slowWorkers() });
  try {
    const [second, third] = await Promise.all([ana.openTab(), ana.openTab()]);
    const texts = (name) => Array.from({ length: 20 }, (_, i) => `${name} ${i}`);
    const write = (page, name) => page.evaluate(([chat, all]) => {
      window.items(chat);
      for (const text of all) window.godwit.send(chat, text);
    }, [ana.chatId, texts(name)]);
    await Promise.all([write(second, 'second'), write(third, 'third')]); // nobody knows yet who leads
    await allSent([second, third], ana.chatId, ['second', 'third']);
    await write(third, 'last');
    await ana.page.close();
    await ana.reload(second);
    await write(second, 'reloaded');
    await allSent([second, third], ana.chatId, ['last', 'reloaded']);
    const names = ['second', 'third', 'last', 'reloaded'];
    const server = await ana.onServer();
    assert.deepEqual([...server].sort(), names.flatMap(texts).sort());
    for (const name of names) assert.deepEqual(server.filter((text) => text.startsWith(`${name} `)), texts(name));
    for (const page of [second, third]) {
      const shown = await page.evaluate((chat) => window.items(chat).map(([text]) => text), ana.chatId);
      assert.deepEqual(shown, server.slice(-shown.length)); // a reloaded tab begins with the newest page
    }
    const leads = (page) => page.evaluate(() => window.godwit.app.get().leading);
    while (await leads(second) === await leads(third)); // one of them, once both have been told
  } finally {
    await ana.end();
  }
});
