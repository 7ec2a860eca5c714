/**
 * What a tab showed when it was left is what the next start shows, before any core answers; and it is
 * gone with the person. A worker that never says anything shows what comes of the picture alone.
 */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { town } from './town.mjs';

const DELIVERED = ['sent', 'delivered', 'read'];
const silentWorkers = { rewrite: (path, text) => (path === 'worker.js' ? '' : text) };

/** Somebody whose tab keeps pictures, with two lines that the server has. */
async function withTwoLines() {
  const ana = await town().newcomer();
  await ana.page.close();
  ana.page = await ana.openTab({ search: '?picture' });
  await ana.synced();
  for (const text of ['first', 'second']) await ana.send(text);
  await ana.shows(['first', 'second'], DELIVERED);
  return ana;
}

const shown = (ana) => ana.page.evaluate((chat) => ({
  texts: window.items(chat).map(([text]) => text),
  rows: window.godwit.chats.get()?.length,
  storage: window.godwit.app.get().storage.state,
}), ana.chatId);

const kept = (page) => page.evaluate(() => localStorage.getItem('godwit.picture'));

test('[LP1] [LP4] a start shows what was shown last before any core answers, then what is true', async () => {
  const ana = await withTwoLines();
  try {
    ana.changeScripts(silentWorkers);
    await ana.reload();
    assert.deepEqual(await shown(ana), { texts: ['first', 'second'], rows: 1, storage: 'loading' });
    await ana.reload();
    assert.deepEqual((await shown(ana)).texts, ['first', 'second'], 'a start that nothing answered leaves the picture');
    const content = { type: 'text', text: 'third' };
    await ana.town.peer.call('POST', `/chats/${ana.chatId}/messages`, { tempId: crypto.randomUUID(), content });
    ana.changeScripts();
    await ana.reload();
    await ana.shows(['first', 'second', 'third'], DELIVERED);
    assert.equal((await shown(ana)).storage, 'durable');
  } finally {
    await ana.end();
  }
});

test('[LP1] [LP7] [OB1] what is said over a picture is shown, and sent once the core is there', async () => {
  const ana = await withTwoLines();
  try {
    ana.changeScripts(silentWorkers);
    await ana.reload();
    await ana.shows(['first', 'second'], DELIVERED);
    await ana.send('said early');
    await ana.shows(['first', 'second', 'said early']);
    assert.equal((await ana.statuses()).at(-1), 'saving');
    ana.changeScripts();
    await ana.reload();
    await ana.shows(['first', 'second', 'said early'], DELIVERED);
    assert.deepEqual(await ana.onServer(), ['first', 'second', 'said early']);
  } finally {
    await ana.end();
  }
});

test('[LP2] what waits to be sent is not in a picture', async () => {
  const ana = await withTwoLines();
  try {
    ana.offline();
    await ana.send('waits');
    await ana.shows(['first', 'second', 'waits']);
    ana.changeScripts(silentWorkers);
    await ana.reload();
    assert.deepEqual((await shown(ana)).texts, ['first', 'second']);
    ana.changeScripts();
    await ana.reload();
    await ana.shows(['first', 'second', 'waits']);
    assert.equal((await ana.statuses()).at(-1), 'queued');
  } finally {
    await ana.end();
  }
});

test('[LP5] signing out in any tab takes the picture away, and a tab that is left afterwards brings none back', async () => {
  const ana = await withTwoLines();
  try {
    await ana.reload();
    await ana.shows(['first', 'second'], DELIVERED);
    const bare = await ana.openBare();
    assert.ok((await kept(bare)).includes('second'));
    const other = await ana.openTab({ search: '?picture' });
    await other.evaluate(() => window.godwit.logout());
    assert.equal(await kept(other), null);
    await ana.page.evaluate(() => until(() => window.godwit.app.get().session === null));
    await ana.page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
    assert.equal(await kept(bare), null);
    assert.deepEqual(await ana.page.evaluate(() => Object.keys(localStorage)), []);
  } finally {
    await ana.end();
  }
});

test('[LP5] a tab that has not heard yet that its person is gone leaves no picture', async () => {
  const ana = await withTwoLines();
  try {
    const texts = await ana.page.evaluate((chat) => {
      localStorage.removeItem('godwit.account'); // as another tab does, of which this one hears later
      window.dispatchEvent(new Event('pagehide'));
      return [window.items(chat).length, localStorage.getItem('godwit.picture')];
    }, ana.chatId);
    assert.deepEqual(texts, [2, null]);
  } finally {
    await ana.end();
  }
});

for (const [what, change] of [
  ['deleted', (chat, id) => window.godwit.remove(chat, id)],
  ['hidden for oneself', (chat, id) => window.godwit.set('hidden', true, { chatId: chat, messageId: id })],
]) {
  test(`[LP6] a message that is ${what} is soon in no picture, also while the tab stays open`, async () => {
    const ana = await withTwoLines();
    try {
      await ana.page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
      await ana.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
      const bare = await ana.openBare();
      assert.ok((await kept(bare)).includes('first'));
      const { messageId } = (await ana.town.peer.history(ana.chatId)).find(({ content }) => content?.text === 'first');
      await ana.page.evaluate(`(${change})('${ana.chatId}', '${messageId}')`);
      await bare.evaluate(async () => {
        const text = () => localStorage.getItem('godwit.picture');
        while (text() === null || text().includes('first')) await new Promise((resolve) => setTimeout(resolve, 50));
      });
      assert.ok((await kept(bare)).includes('second'));
    } finally {
      await ana.end();
    }
  });
}

test('[LP3] where nobody is signed in, and where no picture shall be kept, a start removes what stands there', async () => {
  const ana = await withTwoLines();
  try {
    const bare = await ana.openBare();
    for (const begin of [
      async () => void (ana.page = await ana.openTab()), // keeps none
      async () => {
        await bare.evaluate(() => localStorage.removeItem('godwit.account'));
        ana.page = await ana.openTab({ search: '?picture' });
      },
    ]) {
      await ana.closeTab(bare);
      await bare.evaluate(() => localStorage.setItem('godwit.picture', 'what a late write left'));
      await begin();
      assert.equal(await kept(bare), null);
    }
  } finally {
    await ana.end();
  }
});

test('[LP3] [ST7] where nothing is kept on the device no picture is kept either, and an older one goes', async () => {
  const ana = await withTwoLines();
  try {
    ana.changeScripts({ prelude: () => { Object.defineProperty(self, 'indexedDB', { value: undefined }); } });
    await ana.reload();
    await ana.page.evaluate(() => until(() => window.godwit.app.get().storage.state === 'memory'));
    await ana.shows(['first', 'second'], DELIVERED);
    await ana.page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
    assert.equal(await ana.page.evaluate(() => localStorage.getItem('godwit.picture')), null);
  } finally {
    await ana.end();
  }
});

test('[SI7] [LP3] a tab that dies over the write of its picture leaves the old one or the new one', async () => {
  const ana = await withTwoLines();
  try {
    await ana.reload();
    await ana.shows(['first', 'second'], DELIVERED);
    const bare = await ana.openBare();
    for (const when of ['before', 'after']) {
      await ana.send(`died ${when}`);
      const texts = await ana.page.evaluate((chat) => until(() => {
        const found = window.items(chat);
        return found.every(([, status]) => status !== 'saving' && status !== 'queued' && status !== 'sending') && found.map(([text]) => text);
      }), ana.chatId);
      assert.equal(texts.at(-1), `died ${when}`);
      const crashed = new Promise((resolve) => ana.page.once('crash', resolve));
      const tab = await ana.page.context().newCDPSession(ana.page);
      let before;
      await ana.page.exposeFunction('stopped', (picture) => {
        before = picture;
        void tab.send('Page.crash').catch(() => undefined);
      });
      ana.page.evaluate(dieOverPicture, when).catch(() => undefined);
      await crashed;
      const after = await kept(bare);
      assert.equal(after === before, when === 'before');
      await ana.page.close();
      ana.page = await ana.openTab({ search: '?picture' });
      await ana.shows(texts, DELIVERED);
    }
  } finally {
    await ana.end();
  }
});

// In the page: leaves it, and stops it for good over the write of the picture.
function dieOverPicture(when) {
  const write = Storage.prototype.setItem;
  Storage.prototype.setItem = function (...words) {
    const before = localStorage.getItem('godwit.picture');
    if (when === 'after') write.apply(this, words);
    window.stopped(before);
    for (;;);
  };
  window.dispatchEvent(new Event('pagehide'));
}
