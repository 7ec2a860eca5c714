// Every place where the browser's side keeps anything: the files that may reach the browser's storage,
// what each writes, in its order, and the tests in which a tab, a worker or the browser dies over that
// (docs/sync-spec.md, SI7). A new file, a new write, and a test that is gone fail the check, so that no
// place to persist comes without a death at it. Pure: check.mjs brings the files.
import { code_of_script, line_at } from './script_text.mjs';

const kTabDies = 'wasm-core/tests/browser/tab_dies.test.mjs';
const kStorageTest = 'wasm-core/tests/browser/storage.test.mjs';
const kClientTest = 'wasm-core/tests/browser/client.test.mjs';

export const kStoragePlaces = [
  {
    path: 'wasm-core/src/account.ts', // who is signed in, and this device's name
    writes: ['removeItem', 'setItem'],
    deaths: [[kTabDies, 'at any write of a sign-in'], [kTabDies, 'at any write of a sign-out']],
  },
  {
    path: 'wasm-core/src/client.ts', // hands storage to the others; asks that it may stay
    writes: ['persist'],
    deaths: [[kTabDies, 'at any write of a sign-in'], [kTabDies, 'at any write of a sign-out']],
  },
  {
    path: 'wasm-core/src/last_picture.ts', // what a tab showed when it was left
    writes: ['removeItem', 'setItem'],
    deaths: [
      ['wasm-core/tests/browser/last_picture.test.mjs', 'a tab that dies over the write of its picture'],
      [kTabDies, 'at any write of a sign-out'],
    ],
  },
  {
    path: 'wasm-core/src/unkept.ts', // a tab's copies of what is not known to be kept
    writes: ['setItem', 'removeItem', 'removeItem', 'removeItem'],
    deaths: [[kTabDies, 'at any write of its own copies'], [kTabDies, 'at any write of a sign-out']],
  },
  {
    path: 'wasm-core/src/wipe_notes.ts', // what a sign-out has still to delete
    writes: ['setItem', 'removeItem'],
    deaths: [[kTabDies, 'at any write of a sign-out'], [kClientTest, 'a sign-out whose tab dies before the databases are gone']],
  },
  {
    path: 'wasm-core/src/worker.ts', // hands IndexedDB to core/storage.ts
    writes: [],
    deaths: [[kTabDies, 'while it tries whether anything can be kept']],
  },
  {
    path: 'wasm-core/src/core/storage.ts', // the probe, the core's batches, what signing out deletes
    writes: ['createObjectStore', 'put', 'deleteDatabase', 'persistBatch', 'deleteDatabase'],
    deaths: [
      [kTabDies, 'while it tries whether anything can be kept'],
      [kClientTest, 'a sign-out whose tab dies before the databases are gone'],
      [kStorageTest, 'a batch under SIGKILL of the browser'],
    ],
  },
  {
    path: 'wasm-core/src/core/host.ts', // when the core's batches are written
    writes: ['persist', 'persist'],
    deaths: [[kStorageTest, 'a batch under SIGKILL of the browser'], [kClientTest, 'written offline, reloaded, SIGKILL of the browser']],
  },
  {
    path: 'wasm-core/storage/idbfs_safe.js', // the three mounts and their fence; the batches themselves die in tests/device
    writes: ['createObjectStore', 'put', 'put', 'delete', 'persistBatch'],
    deaths: [
      [kStorageTest, 'a batch under SIGKILL of the browser'],
      [kStorageTest, 'the fence refuses the saves of a stale leader'],
      ['tests/device/crash_at_every_write_test.cpp', '[ST125]'],
    ],
  },
  {
    path: 'web/src/state/theme.ts', // the chosen theme
    writes: ['removeItem', 'setItem'],
    deaths: [['tests/e2e/deaths.mjs', 'a tab that dies over the choice of a theme']],
  },
  {
    path: 'web/public/theme.js', // reads it before the first paint
    writes: [],
    deaths: [['tests/e2e/deaths.mjs', 'a tab that dies over the choice of a theme']],
  },
  {
    path: 'web/src/sw/register.ts', // the service worker
    writes: ['register'],
    deaths: [['tests/e2e/deaths.mjs', 'a browser that is killed while it keeps the shell']],
  },
  {
    path: 'web/src/sw/service_worker.ts', // the app's shell
    writes: ['precacheAndRoute', 'cleanupOutdatedCaches'],
    deaths: [['tests/e2e/deaths.mjs', 'a browser that is killed while it keeps the shell']],
  },
];

// Words by which a script comes to a storage of the browser, also within strings.
const kDoors =
  /\b(localStorage|sessionStorage|indexedDB|webkitIndexedDB|IDB[A-Z]\w*|IDBFS|caches|CacheStorage|cookieStore|serviceWorker|getDirectory|showSaveFilePicker|sharedStorage|syncfs|workbox-\w+)\b|\bdocument\s*\.\s*cookie\b|\bnavigator\s*\.\s*storage\b/g;
// Calls that write, however the storage is named there.
const kWrites =
  /\.\s*(setItem|removeItem|deleteDatabase|createObjectStore|deleteObjectStore|persistBatch|persist)\s*(?:\?\.\s*)?\(|\b(?:store|tx|cache|caches|cursor|objectStore)\s*\.\s*(put|add|addAll|delete|update)\s*\(|\b\w*storage\s*\??\.\s*(clear)\s*\(|\bserviceWorker\s*\.\s*(register)\s*\(|\b(precacheAndRoute|cleanupOutdatedCaches|precache|addToCacheList)\s*\(/gi;

const calls_in = (code) => [...code.matchAll(kWrites)].map((found) => found.slice(1).find((name) => name !== undefined));
const without_imports = (code) => code.replace(/^import [\s\S]*?;$/gm, (found) => found.replace(/[^\n]/g, ' '));

/** Where a file reaches the browser's storage without being listed, or writes other than its row says. */
export function unlisted_storage({ path, text }, places = kStoragePlaces) {
  const code = code_of_script(text);
  const place = places.find((one) => one.path === path);
  const writes = calls_in(without_imports(code));
  if (place !== undefined) {
    const [told, found] = [place.writes.join(', '), writes.join(', ')];
    return told === found ? [] : [{ line: 1, what: `storage_places.mjs says it writes by ${told || 'nothing'}; it does by ${found || 'nothing'}` }];
  }
  const doors = [...code.matchAll(kDoors)];
  return [...doors, ...code.matchAll(kWrites)].map((found) => ({
    line: line_at(code, found.index),
    what: `${found[0].trim()}: a place to store that storage_places.mjs does not list, with the tests that die at it`,
  }));
}

/** What the list names that is not there. `text_of(path)` is undefined for no such file. */
export function missing_from_list(text_of, places = kStoragePlaces) {
  return places.flatMap(({ path, deaths }) => {
    const wrong = text_of(path) === undefined ? [`no file ${path}`] : [];
    if (deaths.length === 0) wrong.push(`${path}: no test dies at it`);
    for (const [file, title] of deaths) {
      const tests = text_of(file)?.replaceAll("\\'", "'");
      const titles = tests?.split('\n').filter((line) => /\b(test|check|inPage|story|TEST_CASE)\(|^\s+"\[/.test(line)) ?? [];
      if (!titles.some((line) => line.includes(title))) wrong.push(`${path}: no test "${title}" in ${file}`);
    }
    return wrong;
  });
}
