/* The page of the storage tests: opens modules over databases, with promises for callbacks. */
import createModule from './godwit_storage_test.mjs';
import createStock from './godwit_stock_es.mjs';

class Mount {
  constructor(module, mount) {
    this.module = module;
    this.storage = module.storage;
    this.FS = module.FS;
    this.mount = mount;
  }
  call(name, ...args) {
    return new Promise((resolve, reject) => {
      this.storage[name](...args, (error, value) => (error ? reject(error) : resolve(value)));
    });
  }
  takeTerm() { return this.call('takeTerm', this.mount).then((term) => (this.term = term)); }
  load() { return this.call('load', this.mount); }
  open() { return this.call('open', this.mount); }
  /** Takes each part away as the core does; resolves to what `each` gave for its names and `last`. */
  async loadParts(each, term = this.term) {
    const seen = [];
    const take = (last) => {
      const names = this.FS.readdir(this.mount).filter((name) => !name.startsWith('.'));
      seen.push(names.sort().join(' ') + (last ? ' last' : ''));
      for (const name of names) this.FS.unlink(`${this.mount}/${name}`);
      return each === undefined ? true : each(last);
    };
    const report = await this.call('loadParts', this.mount, term, take).catch((error) => error.name);
    return { seen, report };
  }
  persist(puts, deletes = [], term = this.term ?? null) {
    return this.call('persistBatch', this.mount, puts, deletes, term);
  }
  syncfs(populate) {
    return new Promise((resolve, reject) => this.FS.syncfs(populate, (e) => (e ? reject(e) : resolve())));
  }
  write(name, text) { this.FS.writeFile(`${this.mount}/${name}`, text); return `${this.mount}/${name}`; }
  read(name) { return this.FS.readFile(`${this.mount}/${name}`, { encoding: 'utf8' }); }
  has(name) { return this.FS.analyzePath(`${this.mount}/${name}`).exists; }
}

/** A new instance with `/q` over `database`. */
window.openMount = async (database) => {
  const module = await createModule();
  window.watchdogMs ??= module.storage.saveTimeoutMs;
  module.storage.saveTimeoutMs = 120_000; // a machine that is busy is not what these tests are about
  module.storage.attach('/q', database, 'strict');
  return new Mount(module, '/q');
};

/** The same, of a module whose code does not come before `release()`; `ready` resolves when it is there. */
window.openEarly = (database) => {
  const early = {};
  const code = WebAssembly.compileStreaming(fetch('godwit_storage_test.wasm'));
  const released = new Promise((resolve) => { early.release = resolve; });
  const options = {
    instantiateWasm: (imports, done) => {
      released.then(() => code).then(async (module) => done(await WebAssembly.instantiate(module, imports), module));
      return {};
    },
  };
  early.ready = createModule(options);
  options.storage.attach('/q', database, 'strict');
  early.mount = new Mount(options, '/q');
  return early;
};

/** As a leader opens it: term, then load. */
window.openLeader = async (database) => {
  const mount = await window.openMount(database);
  await mount.takeTerm();
  await mount.load();
  return mount;
};

/** A leader that is about to load what another instance has left: a manifest, and segments 1 to `count`. */
window.openLived = async (database, count) => {
  const before = await window.openLeader(database);
  const names = ['manifest', ...Array.from({ length: count }, (_, i) => `s${i + 1}`)];
  await before.persist(names.map((name) => before.write(name, `of ${name}`)));
  const mount = await window.openMount(database);
  mount.storage.partFiles = 4;
  await mount.takeTerm();
  return mount;
};

/**
 * Emscripten's own IDBFS, without any of ours, mounted at `/<database>`, which is also the database's
 * name. `build`: as an ES module, or as the classic script.
 */
window.openStock = async (database, build = 'es') => {
  if (build === 'classic' && window.createClassicStock === undefined) {
    await new Promise((resolve, reject) => {
      document.head.append(Object.assign(document.createElement('script'), { src: 'godwit_stock_classic.js', onload: resolve, onerror: reject }));
    });
  }
  const module = await (build === 'es' ? createStock : window.createClassicStock)();
  const mount = new Mount(module, `/${database}`);
  module.FS.mkdir(mount.mount);
  module.FS.mount(module.FS.filesystems.IDBFS, {}, mount.mount);
  return mount;
};

/**
 * As `syncfs`, but tells also of a callback that never comes: 'nothing' once all transactions have ended.
 * Requires a database that is open.
 */
window.outcomeOfSync = async (mount, populate = false) => {
  const { transaction } = IDBDatabase.prototype;
  const ended = [];
  IDBDatabase.prototype.transaction = function (...args) {
    const each = transaction.apply(this, args);
    ended.push(new Promise((resolve) => ['complete', 'abort'].forEach((type) => each.addEventListener(type, () => resolve(type)))));
    return each;
  };
  let outcome = 'nothing';
  mount.FS.syncfs(populate, (error) => { outcome = error ? error.name ?? String(error) : 'success'; });
  for (let known = -1; known !== ended.length;) {
    known = ended.length;
    await Promise.all(ended);
    await new Promise((resolve) => setTimeout(resolve)); // the next one has begun by then, if there is one
  }
  IDBDatabase.prototype.transaction = transaction;
  return { outcome, transactions: await Promise.all(ended) };
};

/** What really stands in a database: {path: text or 'bytes:N'}, read without any module. */
window.readDatabase = (database) => new Promise((resolve, reject) => {
  const open = indexedDB.open(database);
  open.onerror = () => reject(open.error);
  open.onsuccess = () => {
    const store = open.result.transaction('FILE_DATA').objectStore('FILE_DATA');
    const keys = store.getAllKeys();
    const values = store.getAll();
    values.onsuccess = () => {
      open.result.close();
      const all = {};
      keys.result.forEach((key, i) => {
        if (key === '\0term') return;
        const { contents } = values.result[i];
        all[key] = contents.length > 100 ? `bytes:${contents.length}` : new TextDecoder().decode(contents);
      });
      resolve(all);
    };
  };
});

/** Bytes that no compression makes smaller. */
window.noise = (size) => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
};

/** The name of the error a promise ends with, or 'none'. */
window.failure = (promise) => promise.then(() => 'none', (error) => error.name);
window.ready = true;
