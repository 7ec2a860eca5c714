/**
 * The faults of Emscripten 3.1.6's own IDBFS, shown in a real Chromium: one test for each row of the
 * table in README.md ("Storage"). storage.test.mjs shows that ours has none of them, so here it is shown
 * that those tests could fail. A newer Emscripten that mends one of these breaks its test: then that
 * part of the override may go.
 */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { at, inPage, withQuota } from './storage_site.mjs';

test('[ST82] stock: when the quota is exceeded, the callback never comes', () =>
  withQuota(1_000_000, async (tab) => {
    const seen = await tab.evaluate(async () => {
      const m = await openStock('full');
      m.write('small', 'fits');
      await m.syncfs(false);
      m.FS.writeFile('/full/large', noise(3_000_000));
      window.onerror = () => true;
      return outcomeOfSync(m);
    });
    assert.deepEqual(seen, { outcome: 'nothing', transactions: ['complete', 'abort'] });
  }));

// A put of `b` fails later, of a key that exists.
const failingPut = `
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (value, key) {
    return key.endsWith('/b') ? this.add(value, key.replace(/b$/, 'a')) : put.call(this, value, key);
  };`;

const underFailingPut = (build) => `(async () => {
  const db = 'failing-${build}';
  const m = await openStock(db, '${build}');
  m.write('a', 'old');
  await m.syncfs(false);
  const errors = [];
  window.addEventListener('error', (event) => { errors.push(event.error.name); event.preventDefault(); });
  ${failingPut}
  m.write('b', 'lost');
  m.write('c', 'kept all the same');
  const { outcome } = await outcomeOfSync(m);
  IDBObjectStore.prototype.put = put;
  return { outcome, errors: [...new Set(errors)], all: await readDatabase('/' + db) };
})()`;

test('[ST82] stock, ES module: a failed request is a TypeError in its own handler, and the callback never comes', async () => {
  const { outcome, errors } = await at.page.evaluate(underFailingPut('es'));
  assert.deepEqual({ outcome, errors }, { outcome: 'nothing', errors: ['TypeError'] });
});

test('[ST82] stock, classic script: a failed request is reported as success, its file is lost, the rest committed', async () => {
  const { outcome, errors, all } = await at.page.evaluate(underFailingPut('classic'));
  assert.deepEqual({ outcome, errors }, { outcome: 'success', errors: [] });
  assert.deepEqual(all, { '/failing-classic/a': 'old', '/failing-classic/c': 'kept all the same' });
});

inPage('[ST84] stock: the second of two writes in one millisecond around a sync is never stored', async (db) => {
  const m = await openStock(db);
  const { now } = Date;
  Date.now = () => 1e12;
  m.write('a', 'one');
  await m.syncfs(false);
  m.write('a', 'two');
  await m.syncfs(false);
  Date.now = now;
  return { here: m.read('a'), stored: await readDatabase(`/${db}`), db };
}, ({ here, stored, db }) => assert.deepEqual({ here, stored }, { here: 'two', stored: { [`/${db}/a`]: 'one' } }));

inPage('[ST85] stock: the sync of another tab deletes the files that it does not know', async (db) => {
  const one = await openStock(db);
  const two = await openStock(db);
  await one.syncfs(true);
  await two.syncfs(true);
  one.write('of-one', '1');
  await one.syncfs(false);
  two.write('of-two', '2');
  await two.syncfs(false);
  return { stored: await readDatabase(`/${db}`), db };
}, ({ stored, db }) => assert.deepEqual(stored, { [`/${db}/of-two`]: '2' }));

inPage('[ST5] stock: a save before a completed load wipes the database', async (db) => {
  const first = await openStock(db);
  first.write('a', 'kept');
  await first.syncfs(false);
  const before = Object.keys(await readDatabase(`/${db}`)).length;
  const next = await openStock(db);
  await next.syncfs(false);
  return { before, after: await readDatabase(`/${db}`) };
}, (seen) => assert.deepEqual(seen, { before: 1, after: {} }));

inPage('[ST87] stock: syncs that overlap put everything again, each of them', async (db) => {
  const m = await openStock(db);
  await m.syncfs(true); // the database is open: the three begin in one turn
  for (let i = 0; i < 50; i += 1) m.write(`f${i}`, `${i}`);
  const { put } = IDBObjectStore.prototype;
  let puts = 0;
  IDBObjectStore.prototype.put = function (...args) { puts += 1; return put.apply(this, args); };
  await Promise.all([m.syncfs(false), m.syncfs(false), m.syncfs(false)]);
  IDBObjectStore.prototype.put = put;
  return puts;
}, (puts) => assert.equal(puts, 150));

inPage('[ST88] stock: the spare capacity of a file that grew is stored with it', async (db) => {
  const m = await openStock(db);
  const file = m.FS.open(`/${db}/log`, 'w+');
  for (let i = 0; i < 60; i += 1) m.FS.write(file, new Uint8Array(1000).fill(65), 0, 1000);
  await m.syncfs(false);
  const opened = await new Promise((resolve) => { const request = indexedDB.open(`/${db}`); request.onsuccess = () => resolve(request.result); });
  const { contents } = await new Promise((resolve) => {
    const request = opened.transaction('FILE_DATA').objectStore('FILE_DATA').get(`/${db}/log`);
    request.onsuccess = () => resolve(request.result);
  });
  opened.close();
  return [contents.length, contents.buffer.byteLength > contents.length];
}, (seen) => assert.deepEqual(seen, [60_000, true]));

inPage('[ST89] stock: a connection that was closed stays closed for ever', async (db) => {
  const m = await openStock(db);
  m.write('a', 'one');
  const { transaction } = IDBDatabase.prototype;
  const connections = [];
  IDBDatabase.prototype.transaction = function (...args) { connections.push(this); return transaction.apply(this, args); };
  await m.syncfs(false);
  IDBDatabase.prototype.transaction = transaction;
  for (const each of new Set(connections)) {
    each.close();
    each.dispatchEvent(new Event('close'));
  }
  const seen = [];
  for (let i = 0; i < 3; i += 1) {
    m.write('a', `again ${i}`);
    seen.push(await failure(m.syncfs(false)));
  }
  return seen;
}, (seen) => assert.deepEqual(seen, ['InvalidStateError', 'InvalidStateError', 'InvalidStateError']));

inPage('[ST87] stock: one dirty file among many costs a walk over all of them; ours touches one', async (db) => {
  const { put } = IDBObjectStore.prototype;
  const { continue: advance } = IDBCursor.prototype;
  const count = { puts: 0, steps: 0 };
  IDBObjectStore.prototype.put = function (...args) { count.puts += 1; return put.apply(this, args); };
  IDBCursor.prototype.continue = function (...args) { count.steps += 1; return advance.apply(this, args); };
  const costOf = async (m, save) => {
    const paths = Array.from({ length: 200 }, (_, i) => m.write(`f${i}`, `${i}`));
    await save(paths);
    Object.assign(count, { puts: 0, steps: 0 });
    await save([m.write('f7', 'dirty')]);
    return { ...count };
  };
  const stock = await openStock(db);
  const ours = await openLeader(`${db}-ours`);
  const seen = {
    stock: await costOf(stock, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5)); // or the dirty one is not told apart
      await stock.syncfs(false);
    }),
    ours: await costOf(ours, (paths) => ours.persist(paths)),
  };
  IDBObjectStore.prototype.put = put;
  IDBCursor.prototype.continue = advance;
  return seen;
}, (seen) => assert.deepEqual(seen, { stock: { puts: 1, steps: 200 }, ours: { puts: 1, steps: 0 } }));
