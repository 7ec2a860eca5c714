/**
 * The storage override where it opens a mount in one transaction, and where it loads one in parts: in a
 * real Chromium.
 */
import assert from 'node:assert/strict';
import { inPage } from './storage_site.mjs';

inPage('[LD3] [ST1] opening takes the term and loads in one transaction, and saving is on', async (db) => {
  const first = await openLeader(db);
  await first.persist([first.write('a', 'one'), first.write('b', 'two')]);
  const second = await openMount(db);
  const { transaction } = IDBDatabase.prototype;
  let transactions = 0;
  IDBDatabase.prototype.transaction = function (...args) {
    transactions += 1;
    return transaction.apply(this, args);
  };
  const report = await second.open();
  IDBDatabase.prototype.transaction = transaction;
  second.term = report.term;
  const stale = await failure(first.persist(['/q/a']));
  return { report, transactions, a: second.read('a'), stale, saved: await failure(second.persist([second.write('c', 'three')])) };
}, (seen) => {
  assert.deepEqual(seen, { report: { term: 2, files: 2, unreadable: [] }, transactions: 1, a: 'one', stale: 'Fenced', saved: 'none' });
});

inPage('[ST1] a mount that is opened before the code of its module has come is whole, and can be written', async (db) => {
  const first = await openLeader(db);
  await first.persist([first.write('a', 'one'), first.write('b', 'two')]);
  const { mount, ready, release } = openEarly(db);
  const report = await mount.open();
  release();
  await ready;
  mount.term = report.term;
  const texts = ['a', 'b'].map((name) => mount.read(name));
  const saved = await failure(mount.persist([mount.write('a', 'three')]));
  return { report, texts, saved, all: await readDatabase(db) };
}, (seen) => {
  assert.deepEqual(seen, { report: { term: 2, files: 2, unreadable: [] }, texts: ['one', 'two'], saved: 'none', all: { '/q/a': 'three', '/q/b': 'two' } });
});

inPage('[ST93] opening names an unreadable file, which costs nothing else', async (db) => {
  const first = await openLeader(db);
  await first.persist([first.write('a', 'one'), first.write('b', 'two')]);
  const second = await openMount(db);
  const { get, getAll } = IDBObjectStore.prototype;
  const fail = (store) => store.add({}, '/q/a'); // exists: a ConstraintError, asynchronously
  IDBObjectStore.prototype.getAll = function () {
    return this.transaction.mode === 'readwrite' ? fail(this) : this.get(IDBKeyRange.bound(1, 0)); // throws
  };
  IDBObjectStore.prototype.get = function (key) {
    if (key !== '/q/a') return get.call(this, key);
    throw new DOMException('injected', 'NotReadableError');
  };
  const report = await second.open();
  Object.assign(IDBObjectStore.prototype, { get, getAll });
  return { report, has: [second.has('a'), second.read('b')], all: await readDatabase(db) };
}, (seen) => {
  assert.deepEqual(seen, { report: { term: 2, files: 1, unreadable: ['/q/a'] }, has: [false, 'two'], all: { '/q/a': 'one', '/q/b': 'two' } });
});

inPage('[ST126] [ST5] parts come with the manifest and the latest first, and saving is off until the last', async (db) => {
  const next = await openLived(db, 12);
  const saves = [];
  const { seen, report } = await next.loadParts(() => {
    saves.push(failure(next.persist([next.write('new', 'x')])));
    next.FS.unlink('/q/new');
    return true;
  });
  return { seen, report, saves: await Promise.all(saves), count: Object.keys(await readDatabase(db)).length };
}, (seen) => {
  assert.deepEqual(seen, {
    seen: ['manifest s10 s11 s12', 's6 s7 s8 s9', 's2 s3 s4 s5', 's1 last'],
    report: { files: 13, unreadable: [] },
    saves: ['NotLoaded', 'NotLoaded', 'NotLoaded', 'none'],
    count: 14,
  });
});

inPage('[ST126] a mount without files is one part, and the last', async (db) => {
  const next = await openMount(db);
  await next.takeTerm();
  return next.loadParts();
}, (seen) => assert.deepEqual(seen, { seen: [' last'], report: { files: 0, unreadable: [] } }));

inPage('[ST85] what was taken away after its part is not deleted by a sync', async (db) => {
  const next = await openLived(db, 5);
  await next.loadParts();
  next.write('s6', 'new');
  await next.syncfs(false);
  return Object.keys(await readDatabase(db));
}, (names) => assert.deepEqual(names, ['manifest', 's1', 's2', 's3', 's4', 's5', 's6'].map((name) => `/q/${name}`)));

inPage('[LD3] [ST126] a fence raised while parts are loaded ends it, and saving stays off', async (db) => {
  const next = await openLived(db, 30);
  const before = await readDatabase(db);
  const other = await openMount(db);
  await failure(other.call('checkFence', '/q', 0)); // its connection is open
  next.storage.partFiles = 1;
  let raised;
  const { seen, report } = await next.loadParts(() => {
    raised ??= other.takeTerm(); // before all but the next part, which is being read
    return true;
  });
  await raised;
  return {
    report, whole: seen.some((part) => part.endsWith('last')), save: await failure(next.persist([next.write('new', 'x')])),
    same: JSON.stringify(await readDatabase(db)) === JSON.stringify(before),
  };
}, (seen) => assert.deepEqual(seen, { report: 'Fenced', whole: false, save: 'NotLoaded', same: true }));

inPage('[ST126] loading stops where it is not wanted any more', async (db) => {
  const next = await openLived(db, 12);
  let parts = 0;
  const { seen, report } = await next.loadParts(() => { parts += 1; return parts < 2; });
  return { parts: seen.length, report, save: await failure(next.persist([next.write('new', 'x')])) };
}, (seen) => assert.deepEqual(seen, { parts: 2, report: 'Stopped', save: 'NotLoaded' }));

inPage('[ST93] an unreadable file of a part is named, and the others of it are there', async (db) => {
  const next = await openLived(db, 6);
  const { get } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.get = function (key) {
    if (key === '/q/s2') throw new DOMException('injected', 'NotReadableError');
    return get.call(this, key);
  };
  const outcome = await next.loadParts();
  IDBObjectStore.prototype.get = get;
  return outcome;
}, (seen) => assert.deepEqual(seen, {
  seen: ['manifest s4 s5 s6', 's1 s3 last'],
  report: { files: 6, unreadable: ['/q/s2'] },
}));

inPage('[ST126] [ST5] a database that fails half-way ends it, and saving stays off', async (db) => {
  const next = await openLived(db, 12);
  const { get } = IDBObjectStore.prototype;
  let failing = false;
  IDBObjectStore.prototype.get = function (key) {
    if (failing) throw new DOMException('injected', 'UnknownError');
    return get.call(this, key);
  };
  const { seen, report } = await next.loadParts(() => { failing = true; return true; });
  IDBObjectStore.prototype.get = get;
  return { first: seen[0], whole: seen.some((part) => part.endsWith('last')), report, save: await failure(next.persist([next.write('new', 'x')])) };
}, (seen) => assert.deepEqual(seen, { first: 'manifest s10 s11 s12', whole: false, report: 'UnknownError', save: 'NotLoaded' }));
