// W7: a device that holds 100,000 messages, from its worker's start to the first fifty on the screen,
// in Chromium and without a network: first over the picture that the last visit left, as a person has
// it, and by turns without one, so that everything comes from the journal.
//
// An opening begins when the page makes its worker and ends with the first frame that has the messages.
// The server is gone and the app comes from its service worker, as that of an installed app; the profile
// is one that has opened it before. The page says by itself when it is done: whatever asked it would
// share the processor with it. Beside the time on the clock stands what the processors spent on it, in
// the browser's processes: that is the same on a busy machine. Between two openings the history is read
// to its end.
import { readFileSync, readdirSync } from 'node:fs';

import { Stage } from '../e2e/stage.mjs';
import { journal_of } from './cold_journal.mjs';
import { median } from './statistics.mjs';

const kMessages = 100_000;
const kTogether = 50; // told between two batches
const kShown = 50;
const kFilesAtOnce = 40; // handed to the page by one call
const kTickMs = 10; // of /proc: USER_HZ is 100
const kWorkerPhases = ['evaluated', 'leads', 'compiled', 'opened', 'started', 'shown'];

export async function cold_open({ rounds }) {
  const stage = await Stage.open();
  let rows;
  try {
    await stage.with_browsers(async (browse) => {
      const { ana, chatId } = await stage.pair(browse);
      await ana.app.shell_kept();
      const { page } = ana.app;
      const api = (path) => page.evaluate(async (one) => (await fetch(`/api/v1${one}`)).json(), path);
      const chat = await api(`/chats/${chatId}`);
      const me = await api('/users/me');
      const epoch = await page.evaluate(async () => (await fetch('/api/v1/users/me')).headers.get('godwit-epoch') ?? 'epoch');
      const peerId = chat.members.find(({ userId }) => userId !== me.userId).userId;
      const journal = await journal_of({ userId: me.userId, epoch, chat, peerId, messages: kMessages, together: kTogether });
      await page.goto(`${stage.origin}/theme.js`); // of the same origin, without a worker
      await store(page, me.userId, journal.files);
      await stage.network.cut();
      await ana.browser.context.addInitScript(watch_for_messages, kShown);
      const samples = { journal: [], picture: [] };
      for (let round = 0; round < 3 * rounds; round += 1) {
        for (const source of ['journal', 'picture']) { // the one leaves the other its picture
          samples[source].push(await opened(page, stage.origin, { userId: me.userId, chatId, pid: ana.browser.pid, source }));
        }
      }
      rows = rows_of(samples, journal);
    });
  } finally {
    await stage.close();
  }
  return rows;
}

// {shown, history: ms after the worker was made; spent: ms of the processors; phases: {name: ms}}
async function opened(page, origin, { userId, chatId, pid, source }) {
  await page.goto(`${origin}/theme.js`);
  if (source === 'journal') await page.evaluate(() => localStorage.removeItem('godwit.picture'));
  // The worker of the opening before is gone: nobody holds the place.
  await page.evaluate((name) => navigator.locks.request(name, () => undefined), `core:${userId}`);
  const said = page.waitForEvent('console', { predicate: (line) => line.text() === 'shown' });
  const spent_before = spent_by(pid);
  await page.goto(`${origin}/#/c/${chatId}`, { waitUntil: 'commit' });
  await said;
  const spent = spent_by(pid) - spent_before;
  const worker = page.workers()[0] ?? (await page.waitForEvent('worker'));
  await worker.evaluate(read_to_the_end);
  const marks = () => ({ origin: performance.timeOrigin, all: performance.getEntriesByType('mark').map(({ name, startTime }) => [name, startTime]) });
  const at = new Map();
  for (const { origin: zero, all } of [await worker.evaluate(marks), await page.evaluate(marks)]) {
    for (const [name, ms] of all) at.set(name.replace(/^godwit:/, ''), zero + ms);
  }
  const since = (name) => at.get(name) - at.get('worker made');
  const phases = Object.fromEntries([...kWorkerPhases, 'fifty', 'frame'].map((name) => [name, since(name)]));
  return { shown: since('frame'), history: since('history loaded'), spent, phases };
}

// In the worker.
function read_to_the_end() {
  return new Promise((resolve) => {
    const done = () => performance.getEntriesByName('godwit:history loaded').length > 0 && resolve();
    new PerformanceObserver(done).observe({ type: 'mark' });
    done();
  });
}

// What a process and all of its descendants have used of the processors, in ms.
function spent_by(root) {
  const parents = new Map();
  const ticks = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      parents.set(Number(pid), Number(fields[1]));
      ticks.set(Number(pid), Number(fields[11]) + Number(fields[12]));
    } catch {
      // it has just ended
    }
  }
  const below = (pid) => pid === root || (parents.has(pid) && below(parents.get(pid)));
  return kTickMs * [...ticks].reduce((sum, [pid, own]) => sum + (below(pid) ? own : 0), 0);
}

// In the page, before its own code: marks when its worker is made, when so many messages stand in the
// document, and the end of the first frame with them; and says so.
function watch_for_messages(wanted) {
  const RealWorker = window.Worker;
  window.Worker = class extends RealWorker {
    constructor(...parts) {
      if (performance.getEntriesByName('worker made').length === 0) performance.mark('worker made');
      super(...parts);
    }
  };
  const after_frame = new MessageChannel();
  after_frame.port1.onmessage = () => {
    performance.mark('frame');
    console.debug('shown');
  };
  const watcher = new MutationObserver(() => {
    if (document.querySelectorAll('[data-message]').length < wanted) return;
    watcher.disconnect();
    performance.mark('fifty');
    requestAnimationFrame(() => after_frame.port2.postMessage(0));
  });
  watcher.observe(document, { childList: true, subtree: true });
}

// Puts the files where the core's storage has its own.
async function store(page, userId, files) {
  for (const mount of ['/q', '/h', '/c']) {
    const own = files.filter((file) => file.mount === mount);
    for (let at = 0; at === 0 || at < own.length; at += kFilesAtOnce) {
      const some = own.slice(at, at + kFilesAtOnce).map(({ path, bytes }) => [path, Buffer.from(bytes).toString('base64')]);
      await page.evaluate(put_files, { database: `godwit:${userId}${mount}`, some, first: at === 0 });
    }
  }
}

async function put_files({ database, some, first }) {
  const db = await new Promise((resolve, reject) => {
    const open = indexedDB.open(database);
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  const transaction = db.transaction('FILE_DATA', 'readwrite');
  const files = transaction.objectStore('FILE_DATA');
  // All but the fence, which stands before every path.
  if (first) files.delete(IDBKeyRange.lowerBound('/'));
  some.forEach(([path, base64], number) => {
    const contents = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    files.put({ timestamp: new Date(1_760_000_000_000 + number), mode: 0o100600, contents }, path);
  });
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  db.close();
}

function rows_of({ journal, picture }, { kept_bytes, put_bytes, heap_bytes }) {
  const each = (bytes) => `${(bytes / kMessages).toFixed(0)} bytes`;
  const ms = (value) => `${value.toFixed(0)} ms`;
  const spread = (samples, name) => {
    const all = samples.map((sample) => sample[name]);
    return `median ${ms(median(all))}, best ${ms(Math.min(...all))}, worst ${ms(Math.max(...all))}`;
  };
  const what = `W7: ${kMessages.toLocaleString('en')} stored messages, from the worker's start to the first ${kShown} on the screen`;
  const how = `${picture.length} openings without a server, from a service worker, headless Chromium; to the end of the first frame that has them`;
  const middle = journal.find(({ shown }) => shown === median(journal.map((sample) => sample.shown)));
  return [
    { what, figure: spread(picture, 'shown'), how: `${how}; over the picture that the visit before has left` },
    { what: `${what}, without a picture`, figure: spread(journal, 'shown'), how: `${how}; from the journal alone` },
    {
      what: 'W7: of that, by phase',
      figure: Object.entries(middle.phases).map(([name, at]) => `${name} ${at.toFixed(0)}`).join(', '),
      how: `ms after the worker's start at which each ended, in the median opening without a picture; "opened": storage, "started": the core, "shown": handed to the page, "fifty": in its document`,
    },
    {
      what: 'W7: processor time of all of the browser, from the address to the first frame',
      figure: `${spread(picture, 'spent')}; without a picture ${spread(journal, 'spent')}`,
      how: 'the page itself, its service worker and the browser included; in steps of 10 ms',
    },
    {
      what: 'W7: until all of the history is read, in parts, behind the picture',
      figure: spread([...picture, ...journal], 'history'),
      how: "from the worker's start",
    },
    {
      what: 'W7: memory of the core with all of them loaded',
      figure: `${(heap_bytes / 2 ** 20).toFixed(0)} MiB`,
      how: "the WebAssembly module's whole memory",
    },
    {
      what: 'W7: journal written for a received message',
      figure: `${each(put_bytes)} put, ${each(kept_bytes)} kept`,
      how: `${kTogether} messages between two batches; a put writes its whole segment; compaction and archiving counted`,
    },
  ];
}
