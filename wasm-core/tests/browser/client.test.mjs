/**
 * The typed client in a real Chromium against the real server: what a stranger's interface would
 * see. Each browser has a profile of its own; the network between can be cut.
 */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from '../harness.mjs';
import { launch, newProfile } from './chromium.mjs';
import { startServer, startSite } from './site.mjs';

const pageFolder = fileURLToPath(new URL('../page/', import.meta.url));
const PASSWORD = 'correct horse battery';
let server;
let site;
let ben; // {profile, browser, page, userId}
let serial = 0;

async function openPage(browser, origin = site.origin) {
  const page = await browser.context.newPage();
  await page.goto(`${origin}/client.html`);
  await page.waitForFunction(() => window.ready === true);
  return page;
}

async function register(page, username) {
  const person = await page.evaluate(([name, password]) =>
    window.godwit.register({ username: name, displayName: `The ${name}`, password }), [username, PASSWORD]);
  await page.evaluate(() => until(() => window.godwit.app.get().connection.synced));
  return person.userId;
}

/** A new person in a new profile, signed in, the cookie on disk, with a direct chat with Ben. */
async function newcomer() {
  serial += 1;
  const profile = await newProfile();
  let browser = await launch(profile);
  let page = await openPage(browser);
  const userId = await register(page, `ana${serial}`);
  await browser.close(); // a browser writes its cookies down when it ends
  browser = await launch(profile);
  page = await openPage(browser);
  await page.evaluate(() => until(() => window.godwit.app.get().connection.synced));
  const chatId = await page.evaluate((peer) => window.godwit.startDirect(peer), ben.userId);
  return {
    profile, browser, page, userId, chatId,
    async end() {
      site.let({ api: true, ws: true });
      await this.browser.close();
      await profile.remove();
    },
  };
}

const send = (page, chatId, text) => page.evaluate(([chat, words]) => { window.godwit.send(chat, words); }, [chatId, text]);
const items = (page, chatId) => page.evaluate((chat) => window.items(chat), chatId);
/** Waits until the chat's items are exactly these texts, each in one of the states. */
async function shows(page, chatId, texts, states) {
  await page.evaluate(([chat, wanted, allowed]) => until(() => {
    const found = window.items(chat);
    return found.length === wanted.length && found.every(([text, status], i) => text === wanted[i] && (!allowed || allowed.includes(status)));
  }), [chatId, texts, states]);
}

export async function setUp({ dist, server: binary }) {
  server = await startServer(binary, dist);
  site = await startSite([dist, pageFolder], server.port);
  const profile = await newProfile();
  const browser = await launch(profile);
  const page = await openPage(browser);
  ben = { profile, browser, page, userId: await register(page, 'ben') };
}

export async function tearDown() {
  await ben?.browser.close();
  await ben?.profile.remove();
  await site?.close();
  await server?.stop();
}

test('[UI4] two people chat: saving, sent, delivered, read, in both directions', async () => {
  const ana = await newcomer();
  try {
    await send(ana.page, ana.chatId, 'გამარჯობა 👋');
    await shows(ben.page, ana.chatId, ['გამარჯობა 👋'], ['delivered']);
    await shows(ana.page, ana.chatId, ['გამარჯობა 👋'], ['delivered']);
    await ben.page.evaluate((chat) => window.godwit.markRead(chat, 99), ana.chatId);
    await shows(ana.page, ana.chatId, ['გამარჯობა 👋'], ['read']);
    await send(ben.page, ana.chatId, 'hello');
    await shows(ana.page, ana.chatId, ['გამარჯობა 👋', 'hello']);
    const app = await ana.page.evaluate(() => window.godwit.app.get());
    assert.deepEqual(app.storage, { state: 'durable' });
    assert.equal(app.leading, true);
    await ana.page.evaluate(() => until(() => {
      const [row, ...others] = window.godwit.chats.get();
      return row.title === 'The ben' && row.unread === 1 && others.length === 0;
    }));
    await ana.page.evaluate(() => until(() => Object.keys(sessionStorage).length === 0)); // copies are dropped once kept
  } finally {
    await ana.end();
  }
});

test('[OB12] written offline, reloaded, SIGKILL of the browser: all arrive, once, in order', async () => {
  const ana = await newcomer();
  try {
    site.let({ api: false, ws: false });
    const texts = ['one', 'two', 'three', 'four', 'five'];
    for (const text of texts) await send(ana.page, ana.chatId, text);
    await shows(ana.page, ana.chatId, texts, ['queued']);
    await ana.page.reload();
    await ana.page.waitForFunction(() => window.ready === true);
    await shows(ana.page, ana.chatId, texts, ['queued']);
    await ana.browser.kill();
    ana.browser = await launch(ana.profile);
    ana.page = await openPage(ana.browser);
    await shows(ana.page, ana.chatId, texts, ['queued']);
    assert.equal(await ana.page.evaluate(() => window.godwit.app.get().session?.displayName), `The ana${serial}`);
    site.let({ api: true, ws: true });
    await ana.page.evaluate(() => window.godwit.reconnectNow());
    await shows(ana.page, ana.chatId, texts, ['sent', 'delivered', 'read']);
    await ben.page.evaluate(() => window.godwit.reconnectNow());
    await shows(ben.page, ana.chatId, texts);
  } finally {
    await ana.end();
  }
});

test('[LD1] [LD2] two tabs show the same; when the leader closes or crashes, the other goes on', async () => {
  const ana = await newcomer();
  try {
    const second = await openPage(ana.browser);
    await second.evaluate(() => until(() => window.godwit.app.get().connection.synced));
    assert.equal(await second.evaluate(() => window.godwit.app.get().leading), false);
    await send(second, ana.chatId, 'by the follower');
    await shows(ana.page, ana.chatId, ['by the follower']); // what two tabs say at once has no order
    await send(ana.page, ana.chatId, 'by the leader');
    await shows(second, ana.chatId, ['by the follower', 'by the leader'], ['delivered']);
    await shows(ana.page, ana.chatId, ['by the follower', 'by the leader'], ['delivered']);
    await ana.page.close();
    await second.evaluate(() => until(() => window.godwit.app.get().leading));
    await send(second, ana.chatId, 'after the close');
    await shows(second, ana.chatId, ['by the follower', 'by the leader', 'after the close'], ['delivered']);
    const third = await openPage(ana.browser);
    await shows(third, ana.chatId, ['by the follower', 'by the leader', 'after the close'], ['delivered']);
    await second.goto('chrome://crash').catch(() => undefined);
    await third.evaluate(() => until(() => window.godwit.app.get().leading));
    await send(third, ana.chatId, 'after the crash');
    await shows(ben.page, ana.chatId, ['by the follower', 'by the leader', 'after the close', 'after the crash']);
  } finally {
    await ana.end();
  }
});

test('[LD2] [LD4] a leader that crashes right after a follower has sent loses nothing and doubles nothing', async () => {
  const ana = await newcomer();
  try {
    const second = await openPage(ana.browser);
    await second.evaluate(() => until(() => window.godwit.app.get().connection.synced));
    const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`);
    const crash = ana.page.goto('chrome://crash').catch(() => undefined);
    await second.evaluate(([chat, all]) => { for (const text of all) window.godwit.send(chat, text); }, [ana.chatId, texts]);
    await crash;
    await shows(second, ana.chatId, texts, ['delivered', 'sent']);
    await shows(ben.page, ana.chatId, texts);
  } finally {
    await ana.end();
  }
});

test('[SY7] without WebSocket the client polls and sends by REST, and goes back when it can', async () => {
  const ana = await newcomer();
  try {
    site.let({ ws: false });
    await ana.page.evaluate(() => until(() => {
      if (window.godwit.app.get().connection.state === 'polling') return true;
      window.godwit.reconnectNow();
      return false;
    }));
    await send(ana.page, ana.chatId, 'by REST');
    await shows(ana.page, ana.chatId, ['by REST'], ['sent', 'delivered']);
    site.let({ ws: true });
    await ana.page.evaluate(() => until(() => {
      if (window.godwit.app.get().connection.state === 'online') return true;
      window.godwit.reconnectNow();
      return false;
    }));
    await send(ana.page, ana.chatId, 'by WebSocket');
    await ben.page.evaluate(() => window.godwit.reconnectNow());
    await shows(ben.page, ana.chatId, ['by REST', 'by WebSocket']);
  } finally {
    await ana.end();
  }
});

test('[ST8] a session that ended elsewhere wipes nothing, and signing in again goes on', async () => {
  const ana = await newcomer();
  try {
    await send(ana.page, ana.chatId, 'before');
    await shows(ana.page, ana.chatId, ['before'], ['delivered']);
    const ended = await ana.page.evaluate(async () => {
      const { sessionId } = (await window.godwit.sessions()).find((session) => session.current);
      await window.godwit.endSession(sessionId);
      await until(() => window.godwit.app.get().sessionEnded);
      return window.godwit.app.get().session !== null;
    });
    assert.equal(ended, true);
    await send(ana.page, ana.chatId, 'meanwhile');
    await shows(ana.page, ana.chatId, ['before', 'meanwhile'], ['delivered', 'queued']);
    await ana.page.evaluate(([username, password]) => window.godwit.login({ username, password }), [`ana${serial}`, PASSWORD]);
    await shows(ana.page, ana.chatId, ['before', 'meanwhile'], ['delivered']);
    assert.equal(await ana.page.evaluate(() => window.godwit.app.get().sessionEnded), false);
  } finally {
    await ana.end();
  }
});

test('[ST8] signing out wipes everything local, on every tab', async () => {
  const ana = await newcomer();
  try {
    const second = await openPage(ana.browser);
    await send(second, ana.chatId, 'private');
    await shows(second, ana.chatId, ['private'], ['delivered']);
    await second.evaluate(() => window.godwit.logout());
    for (const page of [ana.page, second]) {
      await page.evaluate(() => until(() => window.godwit.app.get().session === null && window.godwit.chats.get() === undefined));
      assert.deepEqual(await items(page, ana.chatId), []);
    }
    const left = await second.evaluate(async () => ({
      databases: (await indexedDB.databases()).map(({ name }) => name),
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
    }));
    assert.deepEqual(left, { databases: [], local: [], session: [] });
    const next = await openPage(ana.browser);
    await next.evaluate(() => until(() => window.godwit.app.get().session === null));
  } finally {
    await ana.end();
  }
});

/** Resolves once no worker of the site holds a lock. */
async function freeOfLocks(browser) {
  const bare = await browser.context.newPage();
  await bare.goto(`${site.origin}/storage_records.js`); // a document in which nothing runs
  await bare.evaluate(async () => {
    while ((await navigator.locks.query()).held.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  await bare.close();
}

// Runs in workers: databases are never deleted.
function heldDeletion() {
  IDBFactory.prototype.deleteDatabase = () => ({});
}

test('[ST8] a sign-out whose tab dies before the databases are gone is finished by the next start', async () => {
  site.changeFiles((path, bytes) => (path === 'worker.js' ? `(${heldDeletion})();\n${bytes}` : bytes));
  const ana = await newcomer();
  try {
    await send(ana.page, ana.chatId, 'private');
    await shows(ana.page, ana.chatId, ['private'], ['delivered']);
    const stored = () => ana.page.evaluate(async () => ({
      databases: (await indexedDB.databases()).map(({ name }) => name).sort(),
      local: Object.keys(localStorage),
    }));
    await ana.page.evaluate(() => {
      void window.godwit.logout();
      return until(() => localStorage.getItem('godwit.account') === null);
    });
    const left = { databases: ['/c', '/h', '/q'].map((mount) => `godwit:${ana.userId}${mount}`), local: [`godwit.wiping.${ana.userId}`] };
    assert.deepEqual(await stored(), left, 'signed out, and nothing is deleted yet');
    await ana.page.goto('chrome://crash').catch(() => undefined);
    await freeOfLocks(ana.browser); // the browser has noticed that the tab is dead
    site.changeFiles((path, bytes) => bytes);
    ana.page = await openPage(ana.browser);
    await ana.page.evaluate(() => until(() => window.godwit.app.get().session === null));
    assert.deepEqual(await stored(), { databases: [], local: [] });
  } finally {
    site.changeFiles((path, bytes) => bytes);
    await ana.end();
  }
});

// Runs in a page: notes which databases are gone, and when a worker is started.
function noteOrder() {
  window.order = [];
  const { deleteDatabase } = IDBFactory.prototype;
  IDBFactory.prototype.deleteDatabase = function (name) {
    const request = deleteDatabase.call(this, name);
    request.addEventListener('success', () => window.order.push(name));
    return request;
  };
  window.Worker = class extends Worker {
    constructor(...words) {
      super(...words);
      window.order.push('worker');
    }
  };
}

test('[ST8] what another person\'s sign-out left is gone before the work of who is signed in begins, and nothing else is', async () => {
  const ana = await newcomer();
  try {
    await send(ana.page, ana.chatId, 'stays');
    await shows(ana.page, ana.chatId, ['stays'], ['delivered']);
    await ana.page.evaluate(() => localStorage.setItem('godwit.wiping.7', ''));
    await ana.page.addInitScript(noteOrder);
    await ana.page.reload();
    await ana.page.waitForFunction(() => window.ready === true);
    await shows(ana.page, ana.chatId, ['stays'], ['delivered']);
    const seen = await ana.page.evaluate(() => ({
      order: [...window.order.slice(0, 4).sort(), ...window.order.slice(4)],
      note: localStorage.getItem('godwit.wiping.7'),
      account: localStorage.getItem('godwit.account') !== null,
    }));
    assert.deepEqual(seen, { order: ['godwit:7/c', 'godwit:7/h', 'godwit:7/q', 'godwit:probe', 'worker'], note: null, account: true });
  } finally {
    await ana.end();
  }
});

test('[SY55] history older than the first page is loaded on demand, in order', async () => {
  const ana = await newcomer();
  try {
    const texts = Array.from({ length: 130 }, (_, i) => `line ${i}`);
    await ana.page.evaluate(([chat, all]) => { for (const text of all) window.godwit.send(chat, text); }, [ana.chatId, texts]);
    await ben.page.evaluate(() => window.godwit.reconnectNow());
    await shows(ana.page, ana.chatId, texts, ['delivered']); // from here on nothing changes any more
    const page = await openPage(ana.browser);
    const seen = await page.evaluate(async (chat) => {
      const conversation = window.godwit.open(chat);
      await until(() => conversation.get()?.items.length >= 50);
      const first = conversation.get().items.length;
      const kept = conversation.get().items.at(-1);
      while (conversation.get().hasOlder) await conversation.loadOlder();
      return [first, kept === conversation.get().items.at(-1), conversation.get().items.filter((item) => !item.system).map((item) => item.text)];
    }, ana.chatId);
    assert.deepEqual(seen, [50, true, texts]);
  } finally {
    await ana.end();
  }
});

test('[WI39] lone surrogates and NUL are replaced, and the rest of the text arrives as it was', async () => {
  const ana = await newcomer();
  try {
    await ana.page.evaluate((chat) => { window.godwit.send(chat, 'a\uD800b\0c \u{1F44B} \uDC00'); }, ana.chatId);
    await shows(ben.page, ana.chatId, ['a\uFFFDb\uFFFDc \u{1F44B} \uFFFD']);
  } finally {
    await ana.end();
  }
});
