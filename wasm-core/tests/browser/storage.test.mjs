/**
 * The storage override in a real Chromium: one test for each fault of stock IDBFS that it mends, and
 * for what the outbox relies on. Each test asserts that its fault really happened.
 */
import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '../harness.mjs';
import { launch, newProfile } from './chromium.mjs';
import { at, inPage, openPage, withQuota } from './storage_site.mjs';

inPage('[ST1] a batch of puts and deletes is stored, and loaded by the next instance', async (db) => {
  const first = await openLeader(db);
  await first.persist([first.write('a', 'one'), first.write('b', 'two')]);
  first.FS.unlink('/q/a');
  await first.persist([first.write('c', 'three')], ['/q/a']);
  const second = await openLeader(db);
  return { all: await readDatabase(db), a: second.has('a'), b: second.read('b'), c: second.read('c'), terms: [first.term, second.term] };
}, (seen) => {
  assert.deepEqual(seen, { all: { '/q/b': 'two', '/q/c': 'three' }, a: false, b: 'two', c: 'three', terms: [1, 2] });
});

inPage('[ST1] bytes that C wrote, out of its signed heap, come back as they were', async (db) => {
  const m = await openLeader(db);
  const file = m.FS.open('/q/bytes', 'w');
  m.FS.write(file, Int8Array.of(0, 127, -128, -1), 0, 4);
  m.FS.close(file);
  await m.persist(['/q/bytes']);
  const next = await openMount(db);
  const report = await next.load();
  return { report, bytes: [...next.FS.readFile('/q/bytes')] };
}, (seen) => assert.deepEqual(seen, { report: { files: 1, unreadable: [] }, bytes: [0, 127, 128, 255] }));

test('[ST82] quota exceeded is reported, stores nothing, and saving works again after space is freed', () =>
  withQuota(1_000_000, async (tab, setQuota) => {
    const full = await tab.evaluate(async () => {
      window.m = await openLeader('quota');
      await window.m.persist([window.m.write('small', 'before')]);
      window.m.FS.writeFile('/q/large', noise(3_000_000));
      const error = await failure(window.m.persist(['/q/large', window.m.write('small', 'torn')]));
      return [error, await readDatabase('quota')];
    });
    assert.deepEqual(full, ['QuotaExceededError', { '/q/small': 'before' }]);
    await setQuota(undefined);
    const freed = await tab.evaluate(async () => [await failure(window.m.persist(['/q/large'])), await readDatabase('quota')]);
    assert.deepEqual(freed, ['none', { '/q/small': 'before', '/q/large': 'bytes:3000000' }]);
  }));

inPage('[ST82] a failed request aborts the whole batch and is reported', async (db) => {
  const m = await openLeader(db);
  await m.persist([m.write('a', 'old')]);
  const put = IDBObjectStore.prototype.put;
  let injected = 0;
  IDBObjectStore.prototype.put = function (value, key) {
    if (key !== '/q/b') return put.call(this, value, key);
    injected += 1;
    return this.add(value, '/q/a'); // exists: a ConstraintError, asynchronously
  };
  const error = await failure(m.persist([m.write('a', 'new'), m.write('b', 'x'), m.write('c', 'y')]));
  IDBObjectStore.prototype.put = put;
  return { error, injected, all: await readDatabase(db), again: await failure(m.persist(['/q/a', '/q/b', '/q/c'])) };
}, (seen) => {
  assert.deepEqual(seen, { error: 'ConstraintError', injected: 1, all: { '/q/a': 'old' }, again: 'none' });
});

inPage('[ST82] a put that throws aborts the whole batch and is reported', async (db) => {
  const m = await openLeader(db);
  await m.persist([m.write('a', 'old')]);
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, key) {
    if (key === '/q/b') throw new DOMException('injected', 'DataCloneError');
    return put.call(this, value, key);
  };
  const error = await failure(m.persist([m.write('a', 'new'), m.write('b', 'x')]));
  IDBObjectStore.prototype.put = put;
  return { error, all: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, { error: 'DataCloneError', all: { '/q/a': 'old' } }));

inPage('[ST82] an abort in the middle and an abort of the commit alone are reported, with nothing stored', async (db) => {
  const m = await openLeader(db);
  const { put } = IDBObjectStore.prototype;
  const { commit } = IDBTransaction.prototype;
  IDBObjectStore.prototype.put = function (value, key) {
    const request = put.call(this, value, key);
    if (key === '/q/b') this.transaction.abort();
    return request;
  };
  const middle = await failure(m.persist([m.write('a', '1'), m.write('b', '2')]));
  IDBObjectStore.prototype.put = put;
  let answered = 0;
  IDBObjectStore.prototype.put = function (value, key) {
    const request = put.call(this, value, key);
    request.addEventListener('success', () => { answered += 1; if (answered === 2) this.transaction.abort(); });
    return request;
  };
  IDBTransaction.prototype.commit = function () {};
  const last = await failure(m.persist(['/q/a', '/q/b']));
  IDBObjectStore.prototype.put = put;
  IDBTransaction.prototype.commit = commit;
  return { middle: middle !== 'none', last: last !== 'none', answered, all: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, { middle: true, last: true, answered: 2, all: {} }));

inPage('[ST83] a transaction that never ends is reported by the watchdog, and the next save works', async (db) => {
  const m = await openLeader(db);
  const usuallyMs = m.storage.saveTimeoutMs;
  m.storage.saveTimeoutMs = 300;
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (...args) {
    const tx = transaction.apply(this, args);
    for (const name of ['oncomplete', 'onabort']) Object.defineProperty(tx, name, { set() {} });
    return tx;
  };
  const error = await failure(m.persist([m.write('a', 'x')]));
  IDBDatabase.prototype.transaction = transaction;
  m.storage.saveTimeoutMs = usuallyMs;
  return { watchdogMs, error, again: await failure(m.persist(['/q/a'])), all: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, { watchdogMs: 5_000, error: 'TimeoutError', again: 'none', all: { '/q/a': 'x' } }));

inPage('[ST84] two writes in one millisecond around a sync are both stored, with a frozen or jumping clock', async (db) => {
  const m = await openLeader(db);
  const { now } = Date;
  const seen = [];
  for (const clock of [() => 1e12, () => 1e12, () => 1e12 - 31536e6, () => 1e12 + 31536e6, () => 0]) {
    Date.now = clock;
    m.write('a', `at ${seen.length}`);
    await m.syncfs(false);
    seen.push((await readDatabase(db))['/q/a']);
  }
  Date.now = now;
  return seen;
}, (seen) => assert.deepEqual(seen, ['at 0', 'at 1', 'at 2', 'at 3', 'at 4']));

inPage('[ST85] a sync of another instance deletes nothing that it does not know', async (db) => {
  const one = await openMount(db);
  const two = await openMount(db);
  await one.syncfs(true);
  await two.syncfs(true);
  one.write('of-one', '1');
  await one.syncfs(false);
  two.write('of-two', '2');
  await two.syncfs(false);
  const both = await readDatabase(db);
  one.FS.unlink('/q/of-one'); // its own: this one does go
  await one.syncfs(false);
  return { both, after: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, { both: { '/q/of-one': '1', '/q/of-two': '2' }, after: { '/q/of-two': '2' } }));

inPage('[ST5] a save before a completed load is refused and leaves the database untouched', async (db) => {
  const first = await openLeader(db);
  await first.persist([first.write('a', 'kept')]);
  const next = await openMount(db);
  next.write('b', 'early');
  const batch = await failure(next.persist(['/q/b']));
  const sync = await failure(next.syncfs(false));
  return { batch, sync, all: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, { batch: 'NotLoaded', sync: 'NotLoaded', all: { '/q/a': 'kept' } }));

inPage('[ST5] when loading hangs, it is reported, and no save is tried afterwards', async (db) => {
  const first = await openLeader(db);
  await first.persist([first.write('a', 'kept')]);
  const next = await openMount(db);
  next.storage.loadTimeoutMs = 200;
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = () => ({});
  const load = await failure(next.load());
  IDBFactory.prototype.open = open;
  const save = await failure(next.persist([next.write('b', 'x')]));
  return { load, save, all: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, { load: 'TimeoutError', save: 'NotLoaded', all: { '/q/a': 'kept' } }));

inPage('[ST87] syncs that overlap share one, and each puts only what changed', async (db) => {
  const m = await openLeader(db);
  for (let i = 0; i < 300; i += 1) m.write(`f${i}`, `${i}`);
  await m.syncfs(false);
  const { put } = IDBObjectStore.prototype;
  const puts = [];
  let transactions = 0;
  IDBObjectStore.prototype.put = function (value, key) { puts.push(key); return put.call(this, value, key); };
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (...args) { transactions += 1; return transaction.apply(this, args); };
  m.write('f7', 'seven');
  const state = m.storage.mounts['/q'];
  const sync = () => new Promise((done) => m.storage.syncfs({ mountpoint: '/q' }, false, done));
  const running = [sync()];
  m.write('f8', 'eight');
  running.push(sync(), sync(), sync());
  const waiting = state.waiting.length;
  const errors = await Promise.all(running);
  IDBObjectStore.prototype.put = put;
  IDBDatabase.prototype.transaction = transaction;
  return { puts, transactions, waiting, errors: errors.filter(Boolean).length };
}, (seen) => assert.deepEqual(seen, { puts: ['/q/f7', '/q/f8'], transactions: 2, waiting: 3, errors: 0 }));

inPage('[ST88] contents are copied at once and cut to their length', async (db) => {
  const m = await openLeader(db);
  const file = m.FS.open('/q/log', 'w+');
  for (let i = 0; i < 60; i += 1) m.FS.write(file, new Uint8Array(1000).fill(65), 0, 1000);
  const capacity = m.FS.lookupPath('/q/log').node.contents.length;
  const saved = m.persist(['/q/log', m.write('a', 'as it was')]);
  m.write('a', 'as it became');
  m.FS.write(file, new Uint8Array(5000), 0, 5000);
  await saved;
  return { spare: capacity > 60_000, all: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, { spare: true, all: { '/q/log': 'bytes:60000', '/q/a': 'as it was' } }));

inPage('[ST89] a connection that was closed is opened again, once, by the next save', async (db) => {
  const m = await openLeader(db);
  const { open } = IDBFactory.prototype;
  let opens = 0;
  IDBFactory.prototype.open = function (...args) { opens += 1; return open.apply(this, args); };
  const closeUnderIt = async () => {
    // A version change elsewhere makes the browser ask for, and the override do, a close.
    await new Promise((resolve) => {
      const other = open.call(indexedDB, db, 22);
      other.onsuccess = () => { other.result.close(); resolve(); };
    });
  };
  // A connection that is closed without an event: transaction() throws InvalidStateError.
  Object.defineProperty(m, 'module', { value: m.module });
  const silent = await (async () => {
    const real = IDBDatabase.prototype.transaction;
    let thrown = 0;
    IDBDatabase.prototype.transaction = function (...args) {
      if (thrown === 0) { thrown += 1; this.close(); }
      return real.apply(this, args);
    };
    const error = await failure(m.persist([m.write('a', 'x')]));
    IDBDatabase.prototype.transaction = real;
    return [error, thrown, opens];
  })();
  await closeUnderIt();
  IDBFactory.prototype.open = open;
  return { silent, all: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, { silent: ['none', 1, 1], all: { '/q/a': 'x' } }));

test('[ST89] [LD3] when the browser force-closes the connection and clears the site, the fence refuses the next save', async () => {
  const { page, browser, site } = at;
  await page.evaluate(async () => {
    window.m = await openLeader('cleared');
    await window.m.persist([window.m.write('a', 'x')]);
    window.closed = new Promise((resolve) => { window.m.storage.onClosed = resolve; });
  });
  const cdp = await browser.context.newCDPSession(page);
  await cdp.send('Storage.clearDataForOrigin', { origin: `${site.origin}/`, storageTypes: 'indexeddb' });
  await page.evaluate(() => window.closed); // it hears of it on another way than we do
  assert.equal(await page.evaluate(() => failure(window.m.persist([window.m.write('a', 'y')]))), 'Fenced');
});

inPage('[ST128] what the queue saves is on the disk when it is done; its fence waits for none', async (db) => {
  const asked = [];
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const tx = transaction.call(this, stores, mode, options);
    if (mode === 'readwrite') asked.push(tx.durability);
    return tx;
  };
  try {
    const m = await openMount(db);
    m.term = (await m.open()).term;
    await m.persist([m.write('a', 'one')]);
    await m.takeTerm();
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
  return asked;
}, (asked) => assert.deepEqual(asked, ['relaxed', 'strict', 'relaxed']));

inPage('[LD3] the fence refuses the saves of a stale leader, and only those', async (db) => {
  const old = await openLeader(db);
  await old.persist([old.write('a', 'of the old')]);
  const next = await openLeader(db);
  const stale = await failure(old.persist([old.write('a', 'stale'), old.write('b', 'stale')], []));
  const fresh = await failure(next.persist([next.write('c', 'of the new')]));
  return { terms: [old.term, next.term], stale, fresh, all: await readDatabase(db) };
}, (seen) => assert.deepEqual(seen, {
  terms: [1, 2], stale: 'Fenced', fresh: 'none', all: { '/q/a': 'of the old', '/q/c': 'of the new' },
}));

inPage('[ST91] the databases of two accounts share nothing', async (db) => {
  const one = await openLeader(`${db}-one`);
  await one.persist([one.write('a', 'of one')]);
  const two = await openLeader(`${db}-two`);
  return { has: two.has('a'), one: await readDatabase(`${db}-one`), two: await readDatabase(`${db}-two`) };
}, (seen) => assert.deepEqual(seen, { has: false, one: { '/q/a': 'of one' }, two: {} }));

const KILLS = 6;

test('[ST1] a batch under SIGKILL of the browser is there whole or not at all', async () => {
  const own = await newProfile();
  let last = { begun: 0, stored: 0 };
  let cutOff = 0; // kills that came after a batch was begun, and before it was said to be stored
  try {
    for (let kill = 0; ; kill += 1) {
      const browser = await launch(own);
      const tab = await openPage(at.site, browser);
      const found = await tab.evaluate(async () => {
        window.m = await openLeader('killed');
        return ['a', 'b', 'c'].map((name) => (window.m.has(name) ? Number(window.m.read(name)) : 0));
      });
      assert.deepEqual(found, [found[0], found[0], found[0]], 'torn batch');
      // More than was begun by what was heard: the page went on until it was dead.
      assert.ok(found[0] >= last.stored, `found ${found[0]} after ${JSON.stringify(last)}`);
      if (kill === 1) assert.equal(found[0], last.stored, 'what was never committed is not there');
      if (kill === KILLS) {
        await browser.close();
        break;
      }
      // The first comes while a batch is open, for sure; the others when they come.
      last = await killedAt(browser, tab, { from: found[0], until: found[0] + 5 + kill * 3, held: kill === 0 });
      if (last.begun > last.stored) cutOff += 1;
      if (kill === 0) assert.equal(cutOff, 1, 'the batch was held open');
    }
  } finally {
    await own.remove();
  }
  console.log(`      ${cutOff} of ${KILLS} kills came while a batch was open`);
});

// Runs in the page. From `hold()` on all of a batch is put and never committed; `wholly()` is called when it is put.
function prepareHold(puts) {
  window.hold = () => {
    window.m.storage.saveTimeoutMs = 3_600_000;
    IDBTransaction.prototype.commit = () => undefined;
    const { put } = IDBObjectStore.prototype;
    let done = 0;
    IDBObjectStore.prototype.put = function (value, key) {
      const request = put.call(this, value, key);
      const ask = () => this.get(key).addEventListener('success', ask); // as long as something is asked it is open
      request.addEventListener('success', () => {
        ask();
        done += 1;
        if (done === puts) window.wholly();
      });
      return request;
    };
  };
}

/**
 * Stores batches after `from`, without a pause, and kills the browser as soon as batch `until` has begun;
 * `held`: has been put wholly, and is held open.
 */
async function killedAt(browser, tab, { from, until, held }) {
  const seen = { begun: from, stored: from };
  await tab.exposeFunction('stored', (n) => { seen.stored = n; });
  let kill;
  const killed = new Promise((resolve) => { kill = () => resolve(browser.kill()); });
  await tab.exposeFunction('begun', (n) => {
    seen.begun = n;
    if (n === until && !held) kill();
  });
  await tab.exposeFunction('wholly', kill);
  await tab.evaluate(prepareHold, 3);
  const storing = tab.evaluate(([first, heldFrom]) => {
    void (async () => {
      for (let n = first; ; n += 1) {
        if (n === heldFrom) window.hold();
        const batch = window.m.persist(['a', 'b', 'c'].map((name) => window.m.write(name, String(n))));
        window.begun(n);
        await batch;
        window.stored(n);
      }
    })();
  }, [from + 1, held ? until : undefined]);
  await storing.catch(() => undefined); // the kill may come before its answer
  await killed;
  return seen;
}

test('[ST93] an unreadable value is named, costs nothing else, and stays where it is', async () => {
  const own = await newProfile();
  try {
    const first = await launch(own);
    const tab = await openPage(at.site, first);
    await tab.evaluate(async () => {
      const m = await openLeader('damaged');
      m.FS.writeFile('/q/large', noise(300_000)); // large enough to become a blob file
      await m.persist([m.write('a', 'fine'), '/q/large', m.write('z', 'fine too')]);
    });
    await first.close();
    const removed = await removeBlobFiles(join(own.folder, 'Default', 'IndexedDB'));
    assert.ok(removed > 0, 'no blob file was there to lose');
    const second = await launch(own);
    const after = await openPage(at.site, second);
    const seen = await after.evaluate(async () => {
      const m = await openMount('damaged');
      await m.takeTerm();
      const report = await m.load();
      return { report, a: m.read('a'), z: m.read('z'), large: m.has('large'), save: await failure(m.persist([m.write('a', 'new')])) };
    });
    await second.close();
    assert.deepEqual(seen, { report: { files: 2, unreadable: ['/q/large'] }, a: 'fine', z: 'fine too', large: false, save: 'none' });
  } finally {
    await own.remove();
  }
});

async function removeBlobFiles(folder) {
  let removed = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const parent = entry.parentPath ?? entry.path;
    if (entry.isFile() && parent.includes('.indexeddb.blob')) {
      await rm(join(parent, entry.name));
      removed += 1;
    }
  }
  return removed;
}
