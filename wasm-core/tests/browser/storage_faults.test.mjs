/**
 * What becomes of what a person writes while the browser's storage fails: the whole client in a real
 * Chromium against a real server, with faults put into IndexedDB beneath it.
 */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { town } from './town.mjs';

const DELIVERED = ['sent', 'delivered', 'read'];

/** A newcomer for one test. */
function story(title, options, body) {
  test(title, async () => {
    const ana = await town().newcomer(options);
    try {
      await body(ana);
    } finally {
      await ana.end();
    }
  });
}

// Runs in workers: saves of the outbox fail in the way that `self.faults.outbox` names.
function failingOutbox() {
  self.faults = {};
  const channel = new BroadcastChannel('faults');
  channel.onmessage = ({ data }) => {
    if (data === 'set') return;
    Object.assign(self.faults, data);
    channel.postMessage('set');
  };
  const { put } = IDBObjectStore.prototype;
  const { commit } = IDBTransaction.prototype;
  const failing = (transaction) => transaction.db.name.endsWith('/q') && transaction.mode === 'readwrite' && self.faults.outbox;
  IDBObjectStore.prototype.put = function (value, key) {
    const fault = typeof key === 'string' && key.startsWith('/q/') ? failing(this.transaction) : undefined;
    if (fault === 'throw') throw new DOMException('injected', 'DataCloneError');
    if (fault === 'error') {
      put.call(this, value, key);
      return this.add(value, key); // exists by now: a ConstraintError, later
    }
    const request = put.call(this, value, key);
    if (fault === 'abort') this.transaction.abort();
    if (fault === 'commit') request.addEventListener('success', () => this.transaction.abort());
    return request;
  };
  IDBTransaction.prototype.commit = function () {
    if (failing(this) !== 'commit') commit.call(this);
  };
}

// Runs in the page: sends, and resolves to what becomes of it, saved or not, and how long that took.
function sentAndSaid([chatId, words]) {
  const begunMs = performance.now();
  window.godwit.send(chatId, words);
  return until(() => {
    const [text, status] = window.items(chatId).at(-1) ?? [];
    return text === words && ['queued', 'unsaved'].includes(status) && { status, afterMs: Math.round(performance.now() - begunMs) };
  });
}

story('[ST82] [OB2] the quota is hit by an outbox write: not saved, as soon as storage says so, the text kept; queued once there is space', { quotaBytes: 1_000_000 }, async (ana) => {
  await ana.send('before');
  await ana.shows(['before'], DELIVERED);
  ana.offline();
  const texts = ['before'];
  while (!(await ana.statuses()).includes('unsaved')) {
    texts.push(`${texts.length}: ${'a text that finds no room '.repeat(500)}`);
    const { status, afterMs } = await ana.page.evaluate(sentAndSaid, [ana.chatId, texts.at(-1)]);
    if (status === 'unsaved') console.log(`      not saved: said after ${afterMs} ms`);
    await ana.shows(texts, ['queued', 'unsaved', ...DELIVERED]);
    assert.ok(texts.length < 500, 'the quota was never hit');
  }
  const copies = (count) => ana.page.evaluate((wanted) => until(() => Object.keys(sessionStorage).length === wanted), count);
  const whys = await ana.page.evaluate(() => window.reports.map((json) => JSON.parse(json)).flatMap(({ event, error }) => (event === 'save_failed' ? [error] : [])));
  assert.deepEqual([...new Set(whys)], ['QuotaExceededError']);
  await copies((await ana.statuses()).filter((status) => status === 'unsaved').length); // the tab keeps what storage does not
  await ana.setQuota(undefined);
  await ana.shows(texts, ['queued', ...DELIVERED]);
  await copies(0);
  await ana.reload();
  await ana.shows(texts, ['queued', ...DELIVERED]);
  await ana.online();
  await ana.shows(texts, DELIVERED);
  assert.deepEqual(await ana.onServer(), texts);
});

story('[ST82] [ST4] a put that throws, fails or aborts, and a commit that does: never queued, nothing torn, and saved later', { prelude: failingOutbox }, async (ana) => {
  const texts = [];
  ana.offline();
  for (const fault of ['throw', 'error', 'abort', 'commit']) {
    await ana.setFaults({ outbox: fault });
    const bare = await ana.openBare();
    const before = await bare.evaluate(() => window.records('/q'));
    texts.push(`under ${fault}`);
    await ana.send(texts.at(-1));
    await ana.shows(texts, ['queued', 'unsaved']);
    assert.equal((await ana.statuses()).at(-1), 'unsaved');
    assert.deepEqual(await bare.evaluate(() => window.records('/q')), before, 'no partial commit');
    await bare.close();
    await ana.setFaults({ outbox: null });
    await ana.shows(texts, ['queued']);
  }
  await ana.reload();
  await ana.shows(texts, ['queued']);
  await ana.online();
  await ana.shows(texts, DELIVERED);
  assert.deepEqual(await ana.onServer(), texts);
});

story('[LD1] [OB12] two tabs send 500 messages each: all arrive once, in each tab\'s own order', {}, async (ana) => {
  const second = await ana.openTab();
  await ana.synced(second);
  const texts = (name) => Array.from({ length: 500 }, (_, i) => `${name} ${i}`);
  await Promise.all([[ana.page, 'first'], [second, 'second']].map(([page, name]) =>
    page.evaluate(async ([chat, all]) => {
      window.items(chat);
      for (const [i, text] of all.entries()) {
        window.godwit.send(chat, text);
        if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve));
      }
    }, [ana.chatId, texts(name)])));
  for (const page of [ana.page, second]) {
    await page.evaluate(() => until(() => window.godwit.app.get().unsent === 0 && Object.keys(sessionStorage).length === 0));
  }
  const all = await ana.onServer();
  assert.equal(all.length, 1_000);
  for (const name of ['first', 'second']) assert.deepEqual(all.filter((text) => text.startsWith(`${name} `)), texts(name));
  for (const page of [ana.page, second]) { // at least the newest page, without a hole
    await page.evaluate(([chat, end]) => until(() => {
      const items = window.items(chat);
      return items.length >= 50 && items.every(([text, status], i) => status === 'sent' && text === end.at(i - items.length));
    }), [ana.chatId, all]);
  }
});

story('[LD4] [OB12] the tab crashes between request and answer: it says its copy again, and the server has one message', { prelude: failingOutbox }, async (ana) => {
  await ana.setFaults({ outbox: 'abort' }); // nothing but the tab's own copy may bring it back
  ana.site.let({ answers: false });
  await ana.send('asked, not answered');
  while ((await ana.onServer()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await ana.page.evaluate(() => Object.keys(sessionStorage).length), 1);
  const tab = await town().browser.context.newCDPSession(ana.page);
  const crashed = new Promise((resolve) => ana.page.once('crash', resolve));
  tab.send('Page.crash').catch(() => undefined); // it has no answer
  await crashed;
  ana.site.let({ ws: false });
  ana.site.let({ ws: true, answers: true });
  await tab.send('Page.reload'); // the same tab, with its sessionStorage, in a new process
  const inTab = async (expression) =>
    (await tab.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })).result.value;
  // There may be no document yet, or not the one that stays.
  while ((await inTab('window.ready').catch(() => false)) !== true) await new Promise((resolve) => setTimeout(resolve, 20));
  const seen = await inTab(`until(() => {
    const items = window.items('${ana.chatId}');
    return items.length > 0 && items.every(([, status]) => status === 'sent') && Object.keys(sessionStorage).length === 0 && items;
  })`);
  assert.deepEqual(seen, [['asked, not answered', 'sent']]);
  assert.deepEqual(await ana.onServer(), ['asked, not answered']);
});

// Runs in workers: nothing can be read out of the outbox's database.
function unreadableOutbox() {
  const { getAllKeys } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.getAllKeys = function () {
    if (this.transaction.db.name.endsWith('/q')) throw new DOMException('injected', 'UnknownError');
    return getAllKeys.call(this);
  };
}

story('[ST5] [ST7] storage that cannot be loaded is not written to: the client works in memory, and the next life finds all of it', {}, async (ana) => {
  ana.offline();
  await ana.send('queued in the first life');
  await ana.shows(['queued in the first life'], ['queued']);
  await ana.page.close();
  const bare = await ana.openBare();
  const mounts = ['/q', '/h', '/c'];
  const stored = () => bare.evaluate((all) => Promise.all(all.map((mount) => window.records(mount))), mounts);
  const before = await stored();
  ana.changeScripts({ prelude: unreadableOutbox });
  ana.page = await ana.openTab();
  await ana.page.evaluate(() => until(() => window.godwit.app.get().storage.state === 'memory'));
  assert.deepEqual((await ana.app()).storage, { state: 'memory', reason: 'failed' });
  await ana.online();
  await ana.send('sent from memory');
  await ana.shows(['sent from memory'], DELIVERED);
  assert.deepEqual(await stored(), before);
  await ana.page.close();
  await bare.close();
  ana.changeScripts();
  ana.page = await ana.openTab();
  await ana.shows(['sent from memory', 'queued in the first life'], DELIVERED);
  assert.deepEqual((await ana.app()).storage, { state: 'durable' });
  assert.deepEqual(await ana.onServer(), ['sent from memory', 'queued in the first life']);
});

// A clock in page and worker that stands still at a time.
const stoppedClock = (atMs) => new Function(`Date.now = () => ${atMs};`);
const YEAR_MS = 365 * 24 * 3_600_000;

story('[ST84] [OB12] a clock that stands still or jumps by a year either way: every message is kept, in order', {}, async (ana) => {
  const now = Date.now();
  const texts = [];
  ana.offline();
  for (const atMs of [now, now, now - YEAR_MS, now + YEAR_MS, now - 2 * YEAR_MS]) {
    ana.changeScripts({ prelude: stoppedClock(atMs) });
    await ana.page.close();
    ana.beforePage = stoppedClock(atMs);
    ana.page = await ana.openTab();
    await ana.shows(texts, ['queued']);
    for (let i = 0; i < 3; i += 1) {
      texts.push(`at ${texts.length}`);
      await ana.send(texts.at(-1));
      await ana.shows(texts, ['queued']);
    }
  }
  await ana.online();
  await ana.shows(texts, DELIVERED);
  assert.deepEqual(await ana.onServer(), texts);
});

// Runs in workers: remembers the connections, and closes them on demand.
function closableConnections() {
  const known = new Set();
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (...args) {
    known.add(this);
    return transaction.apply(this, args);
  };
  const channel = new BroadcastChannel('faults');
  channel.onmessage = ({ data }) => {
    if (data === 'set') return;
    for (const database of known) {
      database.close();
      if (data.told) database.dispatchEvent(new Event('close'));
    }
    known.clear();
    channel.postMessage('set');
  };
}

story('[ST89] [OB2] connections that are closed under the client, with and without a word: the next messages are queued all the same', { prelude: closableConnections }, async (ana) => {
  const texts = [];
  ana.offline();
  for (const told of [true, false, true, false]) {
    await ana.setFaults({ told });
    texts.push(`after ${texts.length}`);
    await ana.send(texts.at(-1));
    await ana.shows(texts, ['queued']);
  }
  await ana.reload();
  await ana.shows(texts, ['queued']);
  await ana.online();
  await ana.shows(texts, DELIVERED);
  assert.deepEqual(await ana.onServer(), texts);
});

story('[ST70] [OB2] site data cleared in mid-session: nothing is called queued that is not stored, and all is fetched anew', {}, async (ana) => {
  await ana.send('on the server');
  await ana.shows(['on the server'], DELIVERED);
  ana.offline();
  await ana.send('queued, and then cleared');
  await ana.shows(['on the server', 'queued, and then cleared'], ['queued', ...DELIVERED]);
  const cdp = await town().browser.context.newCDPSession(ana.page);
  await cdp.send('Storage.clearDataForOrigin', { origin: `${ana.origin}/`, storageTypes: 'indexeddb' });
  await ana.page.evaluate((chat) => until(() => !window.items(chat).some(([, status]) => status === 'queued')), ana.chatId);
  await ana.online();
  await ana.shows(['on the server']);
  await ana.send('goes on');
  await ana.shows(['on the server', 'goes on'], DELIVERED);
  assert.deepEqual((await ana.app()).storage, { state: 'durable' });
  await ana.reload();
  await ana.shows(['on the server', 'goes on'], DELIVERED);
  assert.deepEqual(await ana.onServer(), ['on the server', 'goes on']);
});

for (const [how, reason, prelude] of [
  ['hangs', 'hung', () => { IDBFactory.prototype.open = () => ({}); }],
  ['throws', 'denied', () => { IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }; }],
  ['is missing', 'missing', () => { Object.defineProperty(self, 'indexedDB', { value: undefined }); }],
]) {
  story(`[ST7] where IndexedDB ${how} the client says so, sends, and calls nothing queued`, { prelude }, async (ana) => {
    assert.deepEqual((await ana.app()).storage, { state: 'memory', reason });
    ana.offline();
    await ana.page.evaluate((chat) => window.items(chat), ana.chatId);
    await ana.send('from memory');
    await ana.shows(['from memory'], ['sending']);
    await ana.online();
    await ana.shows(['from memory'], DELIVERED);
    const seen = await ana.page.evaluate(() => window.statusesSeen);
    assert.ok(!seen.includes('queued') && seen.includes('sending'), `seen: ${seen}`);
  });
}

// A build of the client as a later release would be: a newer version, and perhaps newer messages.
const laterRelease = (proto) => (path, text) => {
  if (path === 'index.js') return replaced(text, /CORE_VERSION = "[^"]+"/, 'CORE_VERSION = "99.0.0"');
  return path === 'worker.js' ? replaced(text, /\bPROTO = \d+/, `PROTO = ${proto}`) : text;
};

function replaced(text, what, by) {
  assert.match(text, what);
  return text.replace(what, by);
}

story('[LD39] a newer version in another tab: the older one offers a reload, and both go on', {}, async (ana) => {
  ana.changeScripts({ rewrite: laterRelease(1) });
  const newer = await ana.openTab();
  await ana.synced(newer);
  await ana.page.evaluate(() => until(() => window.godwit.app.get().updateWaiting));
  assert.deepEqual([(await ana.app()).leading, (await ana.app(newer)).leading, (await ana.app(newer)).updateWaiting], [true, false, false]);
  await ana.send('from the older', ana.page);
  await ana.send('from the newer', newer);
  for (const page of [ana.page, newer]) {
    await page.evaluate((chat) => until(() => window.items(chat).length === 2 && window.items(chat).every(([, status]) => status === 'sent')), ana.chatId);
  }
});

story('[LD75] a newer version with other messages takes the place; what the older one still takes in arrives after its reload', {}, async (ana) => {
  await ana.send('before');
  await ana.shows(['before'], DELIVERED);
  const third = await ana.openTab(); // another old one, in line before the newer
  await ana.synced(third);
  ana.changeScripts({ rewrite: laterRelease(2) });
  const newer = await ana.openTab();
  await newer.evaluate(() => until(() => window.godwit.app.get().leading));
  await ana.shows(['before'], DELIVERED, newer);
  for (const page of [ana.page, third]) {
    await page.evaluate(() => until(() => window.godwit.app.get().updateWaiting && !window.godwit.app.get().leading));
  }
  await ana.send('typed in the old tab', ana.page);
  await ana.reload(ana.page);
  for (const page of [ana.page, newer]) await ana.shows(['before', 'typed in the old tab'], DELIVERED, page);
  assert.deepEqual([(await ana.app()).updateWaiting, (await ana.app(newer)).leading], [false, true]);
  assert.deepEqual(await ana.onServer(), ['before', 'typed in the old tab']);
});

// Runs in workers: counts how often the core's memory grew.
function countedGrowth() {
  const { grow } = WebAssembly.Memory.prototype;
  let times = 0;
  WebAssembly.Memory.prototype.grow = function (pages) {
    times += 1;
    return grow.call(this, pages);
  };
  const channel = new BroadcastChannel('growth');
  channel.onmessage = ({ data }) => { if (data === 'ask') channel.postMessage(times); };
}

story('[SY55] 20 MB of history pass through the core while its memory grows: every text is what it was', { prelude: countedGrowth }, async (ana) => {
  const COUNT = 1_280;
  const text = (i) => `${i} ${String.fromCodePoint(0x1F600 + (i % 64))} ${'x'.repeat(16_000)} ${i}`;
  const { peer } = town();
  ana.offline();
  for (let i = 0; i < COUNT; i += 64) {
    for (let j = i; j < i + 64; j += 1) {
      await peer.call('POST', `/chats/${ana.chatId}/messages`, { tempId: crypto.randomUUID(), content: { type: 'text', text: text(j) } });
    }
  }
  await ana.online();
  const seen = await ana.page.evaluate(async ([chat, last]) => {
    const conversation = window.godwit.open(chat);
    await until(() => conversation.get()?.items.at(-1)?.text?.startsWith(`${last} `));
    while (conversation.get().hasOlder) await conversation.loadOlder();
    return conversation.get().items.filter((item) => !item.system).map((item) => item.text);
  }, [ana.chatId, COUNT - 1]);
  assert.equal(seen.length, COUNT);
  for (const [i, each] of seen.entries()) assert.ok(each === text(i), `text ${i} is not what it was`);
  const grown = await ana.page.evaluate(() => new Promise((resolve) => {
    const channel = new BroadcastChannel('growth');
    channel.onmessage = ({ data }) => { if (typeof data === 'number') resolve(data); };
    channel.postMessage('ask');
  }));
  console.log(`      the memory grew ${grown} times`);
  assert.ok(grown > 0, 'the memory never grew');
});
