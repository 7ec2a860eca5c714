/*
 * IDBFS, made safe for an outbox: an override for Emscripten 3.1.6's own, linked by --js-library.
 * `FS.syncfs` and the format on disk stay what they are (one record per path: timestamp, mode,
 * contents); how a save happens is replaced. The comments name the fault of the stock code that a
 * line mends (the table stands in README.md, "Storage").
 *
 * Contracts
 *   attach(mount, database, durability)  mounts MEMFS at `mount`, kept in the IndexedDB database
 *                                        `database`; durability 'strict' or 'relaxed'
 *   takeTerm(mount, done(err, term))     makes this instance the only one whose saves are taken:
 *                                        increments the fence record and remembers its value
 *   load(mount, done(err, report))       fills MEMFS; report {files, unreadable:[path]}. Saving is
 *                                        refused until this has succeeded
 *   open(mount, done(err, report))       takeTerm and load in one transaction; report {term, …}
 *   loadParts(mount, term, take(last), done(err, report))
 *                                        loads what may be much: a few files at a time, the
 *                                        manifest and the latest segments first. `take` is called
 *                                        when a part stands in MEMFS and may take it away; it
 *                                        returns false to stop ('Stopped'). Each part is read
 *                                        under the fence. The files do not count as loaded for
 *                                        `FS.syncfs`: what is taken away is not deleted
 *   persistBatch(mount, puts, deletes, term, done(err))
 *                                        all of it or nothing, in one transaction. The contents are
 *                                        copied before it returns. `term` null: no fence
 *   checkFence(mount, term, done(err))   whether a save of that term would be taken; 'Fenced' if not
 *   close(mount)                         closes the connection; the mount must be loaded again
 *   onClosed(mount)                      set by the user: the browser itself has closed a connection
 *                                        (site data was cleared, or the disk failed). The next save
 *                                        opens another; what was stored may be gone
 * Errors are Error objects; `name` is the DOMException's, or 'NotLoaded', 'Fenced', 'Stopped',
 * 'TimeoutError'.
 * `done` is called exactly once, never before the function has returned. All but persistBatch of what C
 * has written works before the module's code is there, too.
 */
mergeInto(LibraryManager.library, {
  // What the link asks for by name (a name without `$`, which build tools would have to escape).
  godwit_storage__deps: ['$IDBFS_SAFE'],
  godwit_storage: () => {},

  $IDBFS_SAFE__deps: ['$FS', '$IDBFS', '$MEMFS', '$PATH'],
  $IDBFS_SAFE__postset: 'IDBFS_SAFE.install();',
  $IDBFS_SAFE: {
    FENCE: '\0term', // without a `timestamp`, so it is not in the index that IDBFS walks
    FENCE_DURABILITY: 'relaxed', // whatever the mount's: a term lost with the power has no user left
    saveTimeoutMs: 5000,
    loadTimeoutMs: 30000,
    partFiles: 4, // of at most 48 KB: what is parsed in a few milliseconds
    mounts: {}, // by mount point: {database, durability, term, loaded, stored, syncing, waiting}
    lastStamp: 0,
    onClosed: null,

    install: () => {
      IDBFS_SAFE.countStamps();
      IDBFS.getDB = IDBFS_SAFE.getDB;
      IDBFS.syncfs = IDBFS_SAFE.syncfs;
      IDBFS.mount = (mount) => {
        IDBFS_SAFE.mounts[mount.mountpoint] = {
          database: mount.opts.database || mount.mountpoint,
          durability: mount.opts.durability || 'strict',
          term: null,
          loaded: false,
          stored: new Map(), // path -> the stamp that stands in the database, as far as we know
          syncing: false,
          waiting: [], // callbacks of syncs asked for while one is in flight
        };
        return MEMFS.mount(mount);
      };
      Module['storage'] = IDBFS_SAFE;
    },

    // Fault: two writes in one millisecond are told apart by nothing (and a clock may jump or stand
    // still). Every change of a file gets the next number as its mtime; loading goes on from the
    // highest number found.
    countStamps: () => {
      var stamp = (node) => { node.timestamp = ++IDBFS_SAFE.lastStamp; };
      var write = MEMFS.stream_ops.write;
      var setattr = MEMFS.node_ops.setattr;
      var createNode = MEMFS.createNode;
      MEMFS.stream_ops.write = (stream, buffer, offset, length, position, canOwn) => {
        var n = write(stream, buffer, offset, length, position, canOwn);
        stamp(stream.node);
        return n;
      };
      MEMFS.node_ops.setattr = (node, attr) => {
        setattr(node, attr);
        if (attr.timestamp === undefined) stamp(node);
      };
      MEMFS.createNode = (parent, name, mode, dev) => {
        var node = createNode(parent, name, mode, dev);
        stamp(node);
        return node;
      };
      if (MEMFS.ops_table) { // built when the root was mounted, before this runs
        var t = MEMFS.ops_table;
        t.file.stream.write = MEMFS.stream_ops.write;
        [t.dir.node, t.file.node, t.link.node].forEach((o) => { o.setattr = MEMFS.node_ops.setattr; });
      }
    },

    attach: (mount, database, durability) => {
      FS.mkdirTree(mount);
      FS.mount(IDBFS, { database: database, durability: durability }, mount);
    },

    close: (mount) => {
      var state = IDBFS_SAFE.mounts[mount];
      if (state) state.loaded = false;
      IDBFS_SAFE.dropConnection(mount);
    },

    dropConnection: (mount) => {
      var db = IDBFS.dbs[mount];
      delete IDBFS.dbs[mount];
      if (db) db.close();
    },

    error: (name, message) => {
      var e = new Error(message);
      e.name = name;
      return e;
    },

    // Fault: `this.error` in an arrow function (undefined or wrong), and a connection that the
    // browser has closed is kept for ever. Here it is forgotten as soon as it closes.
    getDB: (mount, callback) => {
      if (IDBFS.dbs[mount]) return callback(null, IDBFS.dbs[mount]);
      var state = IDBFS_SAFE.mounts[mount];
      var req;
      try {
        req = IDBFS.indexedDB().open(state ? state.database : mount, IDBFS.DB_VERSION);
      } catch (e) {
        return callback(e);
      }
      req.onupgradeneeded = () => {
        var store = req.result.objectStoreNames.contains(IDBFS.DB_STORE_NAME)
            ? req.transaction.objectStore(IDBFS.DB_STORE_NAME)
            : req.result.createObjectStore(IDBFS.DB_STORE_NAME);
        if (!store.indexNames.contains('timestamp')) {
          store.createIndex('timestamp', 'timestamp', { unique: false });
        }
      };
      req.onerror = (e) => { e.preventDefault(); callback(req.error); };
      req.onsuccess = () => {
        var db = req.result;
        var forget = () => { if (IDBFS.dbs[mount] === db) delete IDBFS.dbs[mount]; };
        db.onclose = () => {
          forget();
          if (IDBFS_SAFE.onClosed) IDBFS_SAFE.onClosed(mount);
        };
        db.onversionchange = () => { forget(); db.close(); };
        IDBFS.dbs[mount] = db;
        callback(null, db);
      };
    },

    // One transaction. `body(store, tx, finish)` asks for its requests; their errors are left to
    // abort it. Fault: stock calls preventDefault on every failed request, which commits the rest
    // and reports success; and it waits for ever when only the commit fails. Here the outcome is
    // the transaction's own `complete` or `abort`, or the watchdog's.
    transact: (mount, mode, timeoutMs, body, done, durability) => {
      var state = IDBFS_SAFE.mounts[mount];
      var tx = null, settled = false, result, reopened = false, cause = null;
      var settle = (err) => {
        if (settled) return;
        settled = true;
        clearTimeout(watchdog);
        done(err, result);
      };
      var watchdog = setTimeout(() => {
        try { if (tx) tx.abort(); } catch (e) { /* committing already: the outcome is unknown */ }
        IDBFS_SAFE.dropConnection(mount);
        settle(IDBFS_SAFE.error('TimeoutError', 'no answer from IndexedDB in ' + timeoutMs + ' ms'));
      }, timeoutMs);
      var begin = (err, db) => {
        if (settled) return;
        if (err && err.name === 'AbortError' && !reopened) { // closed while it was being opened
          reopened = true;
          return IDBFS_SAFE.getDB(mount, begin);
        }
        if (err) return settle(err);
        try {
          tx = db.transaction([IDBFS.DB_STORE_NAME], mode, { durability: durability || state.durability });
        } catch (e) {
          IDBFS_SAFE.dropConnection(mount); // closed under us: one fresh connection, then it is an error
          if (reopened) return settle(e);
          reopened = true;
          return IDBFS_SAFE.getDB(mount, begin);
        }
        tx.oncomplete = () => settle(null);
        tx.onabort = () => settle(cause || tx.error || IDBFS_SAFE.error('AbortError', 'aborted'));
        var fail = (e) => { cause = e; try { tx.abort(); } catch (x) { settle(e); } };
        try {
          body(tx.objectStore(IDBFS.DB_STORE_NAME), fail, (value) => { result = value; }, tx);
        } catch (e) {
          fail(e);
        }
      };
      // Later in any case: `done` is never called before the caller's turn has ended.
      Promise.resolve().then(() => IDBFS_SAFE.getDB(mount, begin));
    },

    takeTerm: (mount, done) => {
      IDBFS_SAFE.transact(mount, 'readwrite', IDBFS_SAFE.saveTimeoutMs, (store, fail, give) => {
        IDBFS_SAFE.raiseFence(store, give);
      }, (err, term) => {
        if (!err) IDBFS_SAFE.mounts[mount].term = term;
        done(err, term);
      }, IDBFS_SAFE.FENCE_DURABILITY);
    },

    raiseFence: (store, give) => {
      var req = store.get(IDBFS_SAFE.FENCE);
      req.onsuccess = () => {
        var term = ((req.result && req.result.t) || 0) + 1;
        store.put({ 't': term }, IDBFS_SAFE.FENCE);
        give(term);
      };
    },

    // What follows in this transaction happens under this term only.
    demandTerm: (store, mount, term, fail) => {
      var req = store.get(IDBFS_SAFE.FENCE);
      req.onsuccess = () => {
        if (!req.result || req.result.t !== term) fail(IDBFS_SAFE.error('Fenced', mount + ' has another leader, or is gone'));
      };
    },

    checkFence: (mount, term, done) => {
      IDBFS_SAFE.transact(mount, 'readonly', IDBFS_SAFE.saveTimeoutMs, (store, fail) => {
        IDBFS_SAFE.demandTerm(store, mount, term, fail);
      }, (err) => done(err));
    },

    // Fault: contents are stored with their spare capacity, and by reference. `slice` gives exactly
    // the file's bytes as they are now, whatever is written next.
    snapshot: (path) => {
      var node = FS.lookupPath(path).node;
      var entry = { 'timestamp': new Date(node.timestamp), 'mode': node.mode };
      if (!FS.isDir(node.mode)) {
        // What C wrote came out of HEAP8 and is an Int8Array; stored are unsigned bytes.
        var data = MEMFS.getFileDataAsTypedArray(node);
        entry['contents'] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
      }
      return entry;
    },

    persistBatch: (mount, puts, deletes, term, done) => {
      var state = IDBFS_SAFE.mounts[mount];
      var later = (err) => { Promise.resolve().then(() => done(err)); };
      // Fault: a save before a completed load wipes the database.
      if (!state || !state.loaded) return later(IDBFS_SAFE.error('NotLoaded', mount + ' is not loaded'));
      var entries;
      try {
        entries = puts.map((path) => [path, IDBFS_SAFE.snapshot(path)]);
      } catch (e) {
        return later(e);
      }
      var write = (store, tx) => {
        entries.forEach((e) => store.put(e[1], e[0]));
        deletes.forEach((path) => store.delete(path));
        if (tx.commit) tx.commit();
      };
      IDBFS_SAFE.transact(mount, 'readwrite', IDBFS_SAFE.saveTimeoutMs, (store, fail, give, tx) => {
        if (term === null) return write(store, tx);
        // The fence: read in the same transaction, so a newer leader's term always wins.
        var req = store.get(IDBFS_SAFE.FENCE);
        req.onsuccess = () => {
          if (req.result && req.result.t === term) {
            try { write(store, tx); } catch (e) { fail(e); }
          } else {
            fail(IDBFS_SAFE.error('Fenced', mount + ' has another leader'));
          }
        };
      }, (err) => {
        if (!err) {
          entries.forEach((e) => state.stored.set(e[0], +e[1]['timestamp']));
          deletes.forEach((path) => state.stored.delete(path));
        }
        done(err);
      });
    },

    load: (mount, done) => {
      var state = IDBFS_SAFE.mounts[mount];
      var report = { 'files': 0, 'unreadable': [] };
      var finish = (err) => {
        if (!err) state.loaded = true;
        done(err, report);
      };
      var keep = (path, entry) => IDBFS_SAFE.restore(mount, path, entry, report);
      IDBFS_SAFE.transact(mount, 'readonly', IDBFS_SAFE.loadTimeoutMs, (store, fail, give) => {
        var keys = store.getAllKeys(), values = store.getAll();
        values.onsuccess = () => give([keys.result, values.result]);
      }, (err, all) => {
        if (!err) {
          all[0].forEach((path, i) => keep(path, all[1][i]));
          return finish(null);
        }
        if (err.name === 'TimeoutError') return finish(err);
        IDBFS_SAFE.loadOneByOne(mount, keep, report, finish);
      });
    },

    open: (mount, done) => {
      var state = IDBFS_SAFE.mounts[mount];
      var report = { 'term': 0, 'files': 0, 'unreadable': [] };
      IDBFS_SAFE.transact(mount, 'readwrite', IDBFS_SAFE.loadTimeoutMs, (store, fail, give) => {
        IDBFS_SAFE.raiseFence(store, (term) => { report['term'] = term; });
        var keys = store.getAllKeys(), values = store.getAll();
        values.onsuccess = () => give([keys.result, values.result]);
      }, (err, all) => {
        if (err) return err.name === 'TimeoutError' ? done(err) : IDBFS_SAFE.openInSteps(mount, done);
        state.term = report['term'];
        all[0].forEach((path, i) => IDBFS_SAFE.restore(mount, path, all[1][i], report));
        state.loaded = true;
        done(null, report);
      }, IDBFS_SAFE.FENCE_DURABILITY);
    },

    // Where something cannot be read in bulk.
    openInSteps: (mount, done) => {
      IDBFS_SAFE.takeTerm(mount, (err, term) => {
        if (err) return done(err);
        IDBFS_SAFE.load(mount, (e, report) => {
          report['term'] = term;
          done(e, report);
        });
      });
    },

    loadParts: (mount, term, take, done) => {
      var state = IDBFS_SAFE.mounts[mount];
      var report = { 'files': 0, 'unreadable': [] };
      var over = false;
      var end = (err) => {
        if (over) return;
        over = true;
        done(err, report);
      };
      var arrived = (entries, last) => {
        if (over) return;
        entries.forEach((one) => {
          IDBFS_SAFE.restore(mount, one[0], one[1], report);
          state.stored.delete(one[0]);
        });
        if (last) state.loaded = true; // what `take` leads to may be a save
        if (take(last) === false) end(IDBFS_SAFE.error('Stopped', mount + ' is not wanted any more'));
        else if (last) end(null);
      };
      IDBFS_SAFE.listParts(mount, term, (err, parts) => {
        if (err) return end(err);
        var read = (i) => IDBFS_SAFE.readPart(mount, term, parts[i], report, (e, entries) => {
          if (e) return end(e);
          if (i + 1 < parts.length && !over) read(i + 1); // on its way while this one is parsed
          arrived(entries, i + 1 === parts.length);
        });
        read(0);
      });
    },

    // The manifest, then the segments by falling number, then whatever else there is.
    listParts: (mount, term, done) => {
      IDBFS_SAFE.transact(mount, 'readonly', IDBFS_SAFE.loadTimeoutMs, (store, fail, give) => {
        IDBFS_SAFE.demandTerm(store, mount, term, fail);
        var req = store.getAllKeys();
        req.onsuccess = () => give(req.result);
      }, (err, keys) => {
        if (err) return done(err);
        var place = (path) => path === mount + '/manifest' ? Infinity : +(/\/s(\d+)$/.exec(path) || [0, -1])[1];
        var paths = keys.filter((path) => path !== IDBFS_SAFE.FENCE);
        paths.sort((a, b) => place(a) > place(b) ? -1 : 1);
        var parts = [];
        do parts.push(paths.splice(0, IDBFS_SAFE.partFiles)); while (paths.length);
        done(null, parts);
      });
    },

    readPart: (mount, term, paths, report, done) => {
      IDBFS_SAFE.transact(mount, 'readonly', IDBFS_SAFE.loadTimeoutMs, (store, fail, give) => {
        IDBFS_SAFE.demandTerm(store, mount, term, fail);
        var entries = [];
        give(entries);
        paths.forEach((path) => {
          var req = store.get(path);
          req.onsuccess = () => entries.push([path, req.result]);
        });
      }, (err, entries) => {
        if (!err || err.name === 'Fenced' || err.name === 'TimeoutError') return done(err, entries);
        // Is it one of the files, or all of the database?
        IDBFS_SAFE.checkFence(mount, term, (e) => {
          if (e) return done(e);
          entries = [];
          var keep = (path, entry) => entries.push([path, entry]);
          IDBFS_SAFE.readOneByOne(mount, paths, keep, report, (e2) => done(e2, entries));
        });
      });
    },

    // One unreadable value (a lost blob file) fails a bulk read. Then each path is read in a
    // transaction of its own, and what cannot be read is named and left where it is.
    loadOneByOne: (mount, keep, report, finish) => {
      IDBFS_SAFE.transact(mount, 'readonly', IDBFS_SAFE.loadTimeoutMs, (store, fail, give) => {
        var req = store.getAllKeys();
        req.onsuccess = () => give(req.result);
      }, (err, keys) => {
        if (err) return finish(err);
        IDBFS_SAFE.readOneByOne(mount, keys, keep, report, finish);
      });
    },

    readOneByOne: (mount, paths, keep, report, done) => {
      var next = (i) => {
        if (i === paths.length) return done(null);
        if (paths[i] === IDBFS_SAFE.FENCE) return next(i + 1);
        IDBFS_SAFE.transact(mount, 'readonly', IDBFS_SAFE.saveTimeoutMs, (store, fail, give) => {
          var req = store.get(paths[i]);
          req.onsuccess = () => give(req.result);
        }, (err, entry) => {
          if (err && err.name === 'TimeoutError') return done(err);
          if (err) report['unreadable'].push(String(paths[i]));
          else keep(paths[i], entry);
          next(i + 1);
        });
      };
      next(0);
    },

    // As FS.writeFile with `canOwn`, which needs the heap: a mount is opened while the module's code is
    // still being compiled.
    place: (path, contents) => {
      if (FS.analyzePath(path).exists) FS.unlink(path);
      var node = FS.create(path);
      node.contents = contents;
      node.usedBytes = contents.length;
    },

    restore: (mount, path, entry, report) => {
      if (path === IDBFS_SAFE.FENCE) return;
      var state = IDBFS_SAFE.mounts[mount];
      try {
        if (typeof path !== 'string' || path.indexOf(mount + '/') !== 0) throw new Error('foreign path');
        if (FS.isDir(entry['mode'])) {
          FS.mkdirTree(path, entry['mode']);
        } else {
          if (!(entry['contents'] instanceof Uint8Array)) throw new Error('no contents');
          FS.mkdirTree(PATH.dirname(path));
          IDBFS_SAFE.place(path, entry['contents']);
          report['files']++;
        }
        var stamp = +entry['timestamp'];
        FS.utime(path, stamp, stamp);
        state.stored.set(path, stamp);
        if (stamp > IDBFS_SAFE.lastStamp) IDBFS_SAFE.lastStamp = stamp;
      } catch (e) {
        report['unreadable'].push(String(path));
      }
    },

    // FS.syncfs, for those who use the file system as Emscripten documents it. The core never does:
    // it knows what is dirty and calls persistBatch. Fault: overlapping syncs put everything again
    // and again; here those that come meanwhile share one sync after the one in flight.
    syncfs: (mount, populate, callback) => {
      var state = IDBFS_SAFE.mounts[mount.mountpoint];
      if (populate) return IDBFS_SAFE.load(mount.mountpoint, (err) => callback(err));
      if (state.syncing) { state.waiting.push(callback); return; }
      state.syncing = true;
      IDBFS_SAFE.syncOut(mount, state, (err) => {
        state.syncing = false;
        callback(err);
        var waiting = state.waiting;
        state.waiting = [];
        if (waiting.length) {
          IDBFS_SAFE.syncfs(mount, false, (e) => waiting.forEach((each) => each(e)));
        }
      });
    },

    // Fault: stock deletes whatever it does not know, another tab's files too. Here only what this
    // instance itself has loaded or stored, and no longer has, is deleted.
    syncOut: (mount, state, callback) => {
      IDBFS.getLocalSet(mount, (err, local) => {
        if (err) return callback(err);
        var puts = Object.keys(local.entries).sort().filter(
            (path) => state.stored.get(path) !== +local.entries[path]['timestamp']);
        var deletes = Array.from(state.stored.keys()).filter((path) => !local.entries[path]);
        if (!puts.length && !deletes.length && state.loaded) return callback(null);
        IDBFS_SAFE.persistBatch(mount.mountpoint, puts, deletes, state.term, callback);
      });
    },
  },
});
