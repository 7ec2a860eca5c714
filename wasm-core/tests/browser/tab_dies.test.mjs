/**
 * A tab dies right before and right after each of its own writes: what it keeps in localStorage and
 * sessionStorage when somebody sends, signs out and signs in. A run in which nobody dies counts the
 * writes, so that one that is added is died over as well.
 */
import assert from 'node:assert/strict';
import { crash, deaths, die_in, stopping_storage, writes_of } from '../../../tests/support/dying_tab.mjs';
import { test } from '../harness.mjs';
import { town } from './town.mjs';

const PASSWORD = 'correct horse battery';
const DELIVERED = ['sent', 'delivered', 'read'];

/** What her browser keeps for her origin, as a document sees it in which nothing runs. */
function kept(bare) {
  return bare.evaluate(async () => ({
    databases: (await indexedDB.databases()).length,
    local: Object.keys(localStorage).sort(),
  }));
}

/** Resolves once no worker of hers is left. */
function deserted(bare) {
  return bare.evaluate(async () => {
    while ((await navigator.locks.query()).held.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });
}

// ---- what is done; these run in the page ----

function send([chatId, text]) {
  window.godwit.send(chatId, text);
  return until(() => Object.keys(sessionStorage).length === 0); // the copy went when it was kept
}

function signOut() {
  return window.godwit.logout();
}

function signIn([username, password]) {
  return window.godwit.login({ username, password });
}

test('[SI7] [LD4] a tab that dies at any write of its own copies loses and doubles nothing that it had noted', async () => {
  const ana = await town().newcomer({ beforePage: stopping_storage });
  try {
    // A copy is made, and dropped once it is kept; that it is kept may be said again with the answer.
    assert.ok([2, 3].includes(await writes_of(ana.page, send, [ana.chatId, 'nobody dies'])));
    const expected = ['nobody dies'];
    for (const death of deaths(2)) {
      const text = `died ${death.when} write ${death.nth}`;
      const tab = await die_in(ana.page, send, [ana.chatId, text], death);
      if (death.nth > 1 || death.when === 'after') expected.push(text);
      await tab.send('Page.reload'); // the same tab, with its sessionStorage, in a new process
      const shown = await inTab(tab, `until(() => {
        const items = window.items('${ana.chatId}');
        return items.length === ${expected.length} && items.every(([, status]) => ${JSON.stringify(DELIVERED)}.includes(status)) &&
          Object.keys(sessionStorage).length === 0 && items.map(([text]) => text);
      })`);
      assert.deepEqual(shown, expected);
      assert.deepEqual(await ana.onServer(), expected);
      await ana.page.close();
      ana.page = await ana.openTab();
    }
  } finally {
    await ana.end();
  }
});

/** Evaluates in a tab that has been loaded anew: there may be no document yet, or not the one that stays. */
async function inTab(tab, expression) {
  const value = async (text) => {
    const { result, exceptionDetails } = await tab.send('Runtime.evaluate', { expression: text, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  while ((await value('window.ready').catch(() => false)) !== true) await new Promise((resolve) => setTimeout(resolve, 20));
  return value(expression);
}

test('[SI7] [ST8] [LP5] a tab that dies at any write of a sign-out has begun none, or the next start finishes it', async () => {
  const ana = await town().newcomer({ beforePage: stopping_storage });
  try {
    const bare = await ana.openBare();
    const words = [`ana${town().people}`, PASSWORD];
    const own = ['godwit.account', `godwit.device.${ana.userId}`, 'godwit.picture'];
    await ana.page.close();
    ana.page = await openWithPicture(ana);
    const writes = await writes_of(ana.page, signOut);
    assert.ok(writes >= 5, 'the note is made, account, device and picture are forgotten, the note is dropped');
    for (const death of deaths(writes)) {
      await ana.page.evaluate(signIn, words);
      await ana.page.close();
      ana.page = await openWithPicture(ana);
      assert.deepEqual((await kept(bare)).local, own);
      await die_in(ana.page, signOut, undefined, death);
      await deserted(bare);
      await ana.page.close();
      ana.page = await ana.openTab({ search: '?picture' });
      const begun = death.nth > 1 || death.when === 'after';
      const said = `died ${death.when} write ${death.nth}`;
      if (begun) {
        await ana.page.evaluate(() => until(() => window.godwit.app.get().session === null));
        assert.deepEqual(await kept(bare), { databases: 0, local: [] }, said);
      } else {
        await ana.page.evaluate(() => until(() => window.godwit.app.get().sessionEnded));
        assert.deepEqual(await kept(bare), { databases: 3, local: own }, said);
      }
    }
  } finally {
    await ana.end();
  }
});

/** A tab with the picture of what another has shown, which was left. */
async function openWithPicture(ana) {
  const page = await ana.openTab({ search: '?picture' });
  await ana.synced(page);
  await page.reload(); // it is left, and so its picture is made
  await page.waitForFunction(() => window.ready === true);
  await ana.synced(page);
  return page;
}

test('[SI7] [ST8] a tab that dies at any write of a sign-in has let nobody in, or the person, on one device', async () => {
  const ana = await town().newcomer({ beforePage: stopping_storage });
  try {
    const bare = await ana.openBare();
    const words = [`ana${town().people}`, PASSWORD];
    await ana.page.evaluate(signOut);
    const writes = await writes_of(ana.page, signIn, words);
    assert.equal(writes, 3, 'a note of an old sign-out goes, the device and the account are kept');
    for (const death of deaths(writes)) {
      await ana.page.evaluate(signOut);
      await die_in(ana.page, signIn, words, death);
      await deserted(bare);
      await ana.page.close();
      ana.page = await ana.openTab();
      await ana.synced(); // the session's cookie was there before the first write
      const device = await bare.evaluate((userId) => localStorage.getItem(`godwit.device.${userId}`), ana.userId);
      const account = await bare.evaluate(() => JSON.parse(localStorage.getItem('godwit.account')));
      assert.deepEqual([account.userId, account.deviceId], [ana.userId, device]);
      assert.deepEqual((await kept(bare)).local, ['godwit.account', `godwit.device.${ana.userId}`]);
    }
  } finally {
    await ana.end();
  }
});

// Runs in workers: the outbox's database cannot be opened; what is written to see whether any can is the last thing.
function endlessProbe() {
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (name, ...words) {
    if (name.endsWith('/q')) throw new DOMException('injected', 'UnknownError');
    return open.call(this, name, ...words);
  };
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...words) {
    put.apply(this, words);
    if (!this.transaction.db.name.startsWith('godwit:probe')) return;
    for (;;);
  };
}

test('[SI7] [ST7] a tab that dies while it tries whether anything can be kept leaves nothing behind', async () => {
  const ana = await town().newcomer();
  try {
    await ana.send('kept');
    await ana.shows(['kept'], DELIVERED);
    const bare = await ana.openBare();
    const probes = () => bare.evaluate(async () => (await indexedDB.databases()).filter(({ name }) => name.includes('probe')).length);
    await ana.closeTab(bare);
    ana.changeScripts({ prelude: endlessProbe });
    ana.page = await ana.openTab();
    while ((await probes()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const tab = await ana.page.context().newCDPSession(ana.page);
    await crash(ana.page, () => tab.send('Page.crash').catch(() => undefined));
    await deserted(bare);
    assert.equal(await probes(), 1, 'it was left there');
    ana.changeScripts();
    await ana.page.close();
    ana.page = await ana.openTab();
    await ana.shows(['kept'], DELIVERED);
    assert.deepEqual(await ana.app().then(({ storage }) => storage), { state: 'durable' });
    await ana.page.evaluate(signOut);
    assert.deepEqual(await kept(bare), { databases: 0, local: [] });
  } finally {
    await ana.end();
  }
});
