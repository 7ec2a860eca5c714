// W7: a device that holds 100,000 messages, from its worker's start to the first fifty on the screen,
// in Chromium and without a network: everything comes from the journal.
import { Stage } from '../e2e/stage.mjs';
import { journal_of } from './cold_journal.mjs';
import { median } from './statistics.mjs';

const kMessages = 100_000;
const kTogether = 50; // told between two batches
const kShown = 50;
const kFilesAtOnce = 40; // handed to the page by one call

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
      await page.goto(`${stage.origin}/healthz`); // of the same origin, without a worker
      await store(page, me.userId, journal.files);
      await stage.network.cut();
      await ana.browser.context.addInitScript(watch_for_messages, kShown);
      const samples = [];
      for (let round = 0; round < 3 * rounds; round += 1) samples.push(await opened(page, `${stage.origin}/#/c/${chatId}`));
      rows = rows_of(samples, journal);
    });
  } finally {
    await stage.close();
  }
  return rows;
}

async function opened(page, address) {
  await page.goto('about:blank');
  await page.goto(address);
  await page.waitForFunction(() => window.shown_after_ms !== undefined);
  return page.evaluate(() => window.shown_after_ms);
}

// In the page, before its own code: the time from the first worker's start to the end of the first
// frame with so many messages in it.
function watch_for_messages(wanted) {
  let started;
  const RealWorker = window.Worker;
  window.Worker = class extends RealWorker {
    constructor(...parts) {
      started ??= performance.now();
      super(...parts);
    }
  };
  const after_frame = new MessageChannel();
  after_frame.port1.onmessage = () => (window.shown_after_ms ??= performance.now() - started);
  const watcher = new MutationObserver(() => {
    if (document.querySelectorAll('[data-message]').length < wanted) return;
    watcher.disconnect();
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

function rows_of(samples, { kept_bytes, put_bytes, heap_bytes }) {
  const each = (bytes) => `${(bytes / kMessages).toFixed(0)} bytes`;
  const count = kMessages.toLocaleString('en');
  return [
    {
      what: `W7: ${count} stored messages, from the worker's start to the first ${kShown} on the screen`,
      figure: `median ${median(samples).toFixed(0)} ms, worst ${Math.max(...samples).toFixed(0)} ms`,
      how: `${samples.length} openings without a network, headless Chromium; to the end of the first frame that has them`,
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
