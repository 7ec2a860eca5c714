/**
 * Tabs whose locks, messages and downloads take their time, in a real Chromium against a real server:
 * what a loaded machine does now and then, always. The order of each channel's messages is kept.
 */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { town } from './town.mjs';

// Runs in workers. Delays are drawn anew each time; a channel's next message never overtakes the last.
function slow() {
  const later = (msMax) => new Promise((resolve) => setTimeout(resolve, Math.random() * msMax));
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
  const ana = await town().newcomer({ prelude: slow });
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
