// What a person meets on an ordinary day: what moves, what is refused, what is left behind.
import assert from 'node:assert/strict';

import { check } from '../support/checks.mjs';
import { Person } from '../support/person.mjs';
import { App } from './app.mjs';

// What a browser without storage for pages looks like to the worker.
const kNoStorage = "Object.defineProperty(self, 'indexedDB', { value: undefined });";

export async function everyday(stage) {
  await check('[UI3] [ED70] states change without moving anything, and nothing breaks the policy', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      const texts = [];
      // Each waits for the one before: of two who write at once, one's line moves when the other's comes first.
      const say = async (from, text) => {
        await from.app.send(text);
        texts.push(text);
        for (const { app } of [ana, ben]) await app.until_texts(texts);
      };
      for (let at = 0; at < 12; at += 1) {
        await say(ana, `a line that goes through all its states, number ${at}`);
        await say(ben, `and an answer to number ${at}`);
      }
      await ana.app.until_status(Array.from({ length: 12 }, (_, at) => `a line that goes through all its states, number ${at}`), 'read');
      for (const { app } of [ana, ben]) {
        const { shift, shifts, violations } = await app.seen();
        assert.deepEqual(violations, []);
        assert.equal(shift, 0, JSON.stringify(shifts));
        assert.deepEqual(app.complaints.filter((said) => /Content Security Policy|Uncaught|Error:/.test(said)), []);
      }
    }),
  );

  await check('[UI3] [SY55] older pages load as one scrolls, and what one reads stays where it is', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben, chatId } = await stage.pair(browse);
      const writer = await Person.login(stage.server.origin, ben.person.username, ben.person.password);
      for (let at = 1; at <= 180; at += 1) {
        await writer.call('POST', `/chats/${chatId}/messages`, {
          tempId: crypto.randomUUID(),
          content: { type: 'text', text: `line ${at}` },
        });
      }
      const fresh = await browse();
      const app = await App.open(fresh.context, stage.origin);
      await app.sign_in(ana.person);
      await app.open_chat(ben.person.displayName);
      await app.messages.getByText('line 180', { exact: true }).waitFor();
      const moved = await app.page.evaluate(scroll_up_and_measure);
      assert.ok(moved.before > 1 && moved.after < moved.before, 'older messages were loaded');
      assert.ok(Math.abs(moved.shift) <= 1, `what was read moved by ${moved.shift} px`);
      await app.page.evaluate(scroll_to_beginning);
      assert.deepEqual(await app.texts(), Array.from({ length: 180 }, (_, at) => `line ${at + 1}`));
    }),
  );

  await check('[UI4] [OB7] a refused message shows failed, keeps its text, and goes after a retry', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      const blocker = await Person.login(stage.server.origin, ben.person.username, ben.person.password);
      const { userId } = await Person.login(stage.server.origin, ana.person.username, ana.person.password);
      await blocker.call('PUT', `/users/me/blocks/${userId}`);
      await ana.app.send('refused at first');
      await ana.app.until_status(['refused at first'], 'failed');
      await ana.app.page.reload();
      await ana.app.until_status(['refused at first'], 'failed');
      await blocker.call('DELETE', `/users/me/blocks/${userId}`);
      await ana.app.page.getByRole('button', { name: 'Try again' }).click();
      await ben.app.until_texts(['refused at first']);
    }),
  );

  await check('[LP1] [LP4] [UI3] a start shows what was there, and nothing of it moves or is drawn anew when the core takes over', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      const texts = [];
      for (const text of ['before', 'and before that', 'გამარჯობა 👋', 'the last of them']) {
        await ben.app.send(text);
        texts.push(text);
        await ana.app.until_texts(texts);
      }
      await ana.app.page.reload();
      await ana.app.until_texts(texts);
      await ana.app.page.evaluate(mark_what_is_shown);
      await ben.app.send('afterwards');
      await ana.app.until_texts([...texts, 'afterwards']);
      const unmarked = await ana.app.messages.evaluateAll((all) => all.filter((one) => !one.marked).map((one) => one.textContent));
      assert.equal(unmarked.length, 1, unmarked.join());
      const { shift, shifts } = await ana.app.seen();
      assert.equal(shift, 0, JSON.stringify(shifts));
    }),
  );

  await check('[UI7] a chosen theme stays', () =>
    stage.with_browsers(async (browse) => {
      const { app } = await stage.newcomer(browse, 'Cleo');
      await app.page.getByRole('button', { name: 'Settings' }).click();
      await app.page.getByRole('radio', { name: 'Dark' }).check({ force: true });
      await look_is(app, 'dark');
      const dark = await ink_of(app);
      await app.page.reload();
      await app.page.getByRole('heading', { name: 'Settings' }).waitFor();
      assert.equal(await ink_of(app), dark);
      await app.page.getByRole('radio', { name: 'Light' }).check({ force: true });
      await look_is(app, 'light');
      assert.notEqual(await ink_of(app), dark);
    }),
  );

  await check('[ST8] [LD38] signing out wipes what this device kept, on every tab', () =>
    stage.with_browsers(async (browse) => {
      const { ana } = await stage.pair(browse);
      await ana.app.send('to be forgotten here');
      await ana.app.until_status(['to be forgotten here'], ['sent', 'delivered', 'read']);
      const second = new App(await ana.browser.context.newPage());
      await second.page.goto(stage.origin);
      await second.page.getByRole('button', { name: 'Settings' }).click();
      await second.page.getByRole('button', { name: 'Sign out' }).click();
      for (const app of [second, ana.app]) await app.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
      await wiped(second);
      assert.equal(await stored_text(second, 'to be forgotten here'), false);
    }),
  );

  await check('[ST7] [UI8] without storage the app says so, and works', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse, { worker_prelude: kNoStorage, serviceWorkers: 'block' });
      await ana.app.page.getByText('Nothing is kept on this device.').waitFor();
      await ana.app.send('kept nowhere');
      await ben.app.until_texts(['kept nowhere']);
      const opened = ana.app.page.waitForEvent('websocket');
      await ana.app.page.reload();
      await (await opened).waitForEvent('framereceived'); // it does not poll
      await ben.app.send('heard all the same');
      await ana.app.until_texts(['kept nowhere', 'heard all the same']);
    }),
  );
}

function mark_what_is_shown() {
  for (const one of document.querySelectorAll('[data-message]')) one.marked = true;
}

// Scrolls to the top of what is loaded and tells how far the message that was first then moved on the
// screen while older ones were put before it.
async function scroll_up_and_measure() {
  const first_text = () => document.querySelector('[data-message] [data-testid="message-text"]');
  const number = (element) => Number(/line (\d+)/.exec(element.textContent)[1]);
  const first = first_text().closest('[data-message]');
  const before = number(first);
  first.scrollIntoView({ block: 'start' });
  const place = first.getBoundingClientRect().top;
  await new Promise((resolve) => {
    new MutationObserver((_, observer) => {
      if (first_text().closest('[data-message]') === first) return;
      observer.disconnect();
      resolve();
    }).observe(document.body, { childList: true, subtree: true });
  });
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return { before, after: number(first_text()), shift: first.getBoundingClientRect().top - place };
}

async function scroll_to_beginning() {
  for (;;) {
    const first = document.querySelector('[data-testid="message-text"]');
    if (first.textContent === 'line 1') return;
    first.scrollIntoView({ block: 'start' });
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

const look_is = (app, look) => app.page.locator(`html[data-theme="${look}"]`).waitFor();
const ink_of = (app) => app.page.evaluate(() => getComputedStyle(document.body).color);

// Resolves once the app itself takes all for deleted: until then a note of what is to be deleted stands.
const wiped = (app) => app.page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith('godwit.wiping.')), undefined, { polling: 50 });

// Whether any database of this origin still holds the text.
function stored_text(app, text) {
  return app.page.evaluate(async (wanted) => {
    const decoder = new TextDecoder();
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const store of database.objectStoreNames) {
        const values = await new Promise((resolve, reject) => {
          const request = database.transaction(store).objectStore(store).getAll();
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
        for (const value of values) {
          const bytes = value?.contents ?? value;
          const found = bytes instanceof Uint8Array ? decoder.decode(bytes) : JSON.stringify(bytes);
          if (found?.includes(wanted)) return true;
        }
      }
      database.close();
    }
    return JSON.stringify({ ...localStorage, ...sessionStorage }).includes(wanted);
  }, text);
}
