/**
 * The history comes after the first picture, in parts: what a person sees, says and hears while it is
 * being read, and when it cannot be. In a real Chromium against a real server.
 */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { town } from './town.mjs';

// Of 8 KiB each: however they are gathered, two archivings fit, and most of them are in the history.
const LINES = 220;
const line = (i) => `line ${i} ${'of a long text '.repeat(500)}`;
const NEWEST = 50;

// Runs in workers: of the history, `self.faults.parts` parts are read; what is read then fails, where
// `self.faults.fail` is set, or waits for as long as `self.faults.hold` is.
function slowHistory() {
  self.faults = START;
  const channel = new BroadcastChannel('faults');
  channel.onmessage = ({ data }) => {
    if (data === 'set') return;
    Object.assign(self.faults, data);
    channel.postMessage('set');
  };
  const { get } = IDBObjectStore.prototype;
  let parts = 0;
  IDBObjectStore.prototype.get = function (key) {
    if (!this.transaction.db.name.endsWith('/c')) return get.call(this, key);
    if (key.startsWith('/c/') && !this.transaction.counted) {
      this.transaction.counted = true;
      parts += 1;
      const again = () => { if (self.faults.hold) get.call(this, '\0term').onsuccess = again; };
      if (parts > self.faults.parts) {
        performance.mark('godwit:held');
        again();
      }
    }
    if (parts > self.faults.parts && self.faults.fail) throw new DOMException('injected', 'UnknownError');
    return get.call(this, key);
  };
}
const slowly = (faults) => String(slowHistory).replace('START', JSON.stringify(faults));

/** Somebody who has lived long, with her tabs closed, and what her history's records are. */
async function lived() {
  const ana = await town().newcomer();
  for (let i = 0; i < LINES; i += 1) {
    await town().peer.call('POST', `/chats/${ana.chatId}/messages`, { tempId: crypto.randomUUID(), content: { type: 'text', text: line(i) } });
  }
  const bare = await ana.openBare();
  await ana.page.evaluate((chat) => until(() => window.items(chat).length >= 50), ana.chatId);
  while ((await bare.evaluate(() => window.records('/c'))).length <= 8) {
    await ana.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  }
  await ana.closeTab(bare);
  ana.bare = bare;
  ana.history = await records(ana); // not before: more of it may have been under way
  return ana;
}

const records = (ana) => ana.bare.evaluate(() => window.records('/c'));

/** The chat's items once there are at least `count`. */
const items = (ana, count) => ana.page.evaluate(async ([chat, wanted]) => {
  await until(() => window.items(chat).length >= wanted);
  return window.items(chat).map(([text]) => text);
}, [ana.chatId, count]);

const marks = async (ana) => (ana.page.workers()[0] ?? await ana.page.waitForEvent('worker')).evaluate(() => performance.getEntriesByType('mark').map(({ name }) => name));

async function marked(ana, name) {
  while (!(await marks(ana)).includes(`godwit:${name}`)) await ana.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
}

/** All that the chat has, once the client has gone back to its beginning. */
const wholeChat = (ana) => ana.page.evaluate(async (chat) => {
  const conversation = window.godwit.open(chat);
  await until(() => conversation.get() !== undefined);
  for (let page = 0; page < 10 && conversation.get().hasOlder; page += 1) {
    await conversation.loadOlder();
    await until(() => !conversation.get().loadingOlder);
  }
  const all = conversation.get().items.filter((item) => !item.system).map(({ text }) => text);
  conversation.close?.();
  return all;
}, ana.chatId);

function story(title, body) {
  test(title, async () => {
    const ana = await lived();
    try {
      await body(ana);
    } finally {
      await ana.end();
    }
  });
}

story('[ST126] [ST5] the newest is shown before the history is read; what is said and heard meanwhile is there once, and the history is not written', async (ana) => {
  ana.changeScripts({ prelude: slowly({ parts: 1, hold: true }) });
  ana.offline();
  ana.page = await ana.openTab();
  const newest = await items(ana, NEWEST);
  assert.equal(newest.at(-1), line(LINES - 1));
  await marked(ana, 'held');
  await ana.online();
  await ana.synced();
  await ana.send('said meanwhile');
  await ana.shows([...newest, 'said meanwhile'], ['sent', 'delivered', 'read']);
  await town().peer.call('POST', `/chats/${ana.chatId}/messages`, { tempId: crypto.randomUUID(), content: { type: 'text', text: 'heard meanwhile' } });
  await ana.shows([...newest, 'said meanwhile', 'heard meanwhile']);
  assert.deepEqual(await records(ana), ana.history);
  await ana.setFaults({ hold: false });
  await marked(ana, 'history loaded');
  const all = [...Array.from({ length: LINES }, (_, i) => line(i)), 'said meanwhile', 'heard meanwhile'];
  ana.offline(); // from here on it can be had of storage alone
  assert.deepEqual(await wholeChat(ana), all);
  await ana.online();
  assert.deepEqual(await ana.onServer(), all);
});

story('[ST126] [ST5] a history that fails half-way is left as it is, and all goes on; the next life has it', async (ana) => {
  ana.changeScripts({ prelude: slowly({ parts: 1, fail: true }) });
  ana.page = await ana.openTab();
  await items(ana, NEWEST);
  await ana.page.evaluate(() => until(() => window.reports.some((json) => json.includes('storage_load_failed') && json.includes('/c'))));
  await ana.synced();
  await ana.send('without a history');
  await ana.page.evaluate((chat) => until(() => window.items(chat).at(-1)[1] !== 'saving'), ana.chatId);
  assert.deepEqual((await ana.app()).storage, { state: 'durable' });
  assert.deepEqual(await records(ana), ana.history);
  await ana.page.close();
  ana.changeScripts();
  ana.offline();
  ana.page = await ana.openTab();
  await items(ana, NEWEST);
  await marked(ana, 'history loaded');
  assert.deepEqual(await wholeChat(ana), [...Array.from({ length: LINES }, (_, i) => line(i)), 'without a history']);
});

story('[LD3] [LD35] [ST126] a fence raised while the history is read: the core is thrown away, and the next one has all of it', async (ana) => {
  ana.changeScripts({ prelude: slowly({ parts: 1, hold: true }) });
  ana.offline();
  ana.page = await ana.openTab();
  await marked(ana, 'held');
  await ana.bare.evaluate(async () => { // it waits for the part that is being read, and goes before the next
    const { name } = (await indexedDB.databases()).find((one) => one.name.endsWith('/c'));
    const database = await new Promise((resolve) => { indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result); });
    const transaction = database.transaction('FILE_DATA', 'readwrite');
    transaction.objectStore('FILE_DATA').put({ t: 70 }, '\0term');
    transaction.oncomplete = () => database.close();
    // What follows in this line is answered when the writing is in its place, before the next part is asked for.
    await new Promise((resolve) => {
      indexedDB.open(name).onsuccess = ({ target }) => {
        target.result.close();
        resolve();
      };
    });
  });
  await ana.setFaults({ hold: false });
  await ana.page.evaluate(() => until(() => window.reports.some((json) => json.includes('Fenced'))));
  await marked(ana, 'history loaded');
  assert.deepEqual(await wholeChat(ana), Array.from({ length: LINES }, (_, i) => line(i)));
  assert.deepEqual((await ana.app()).storage, { state: 'durable' });
});
