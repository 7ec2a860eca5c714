// A person's tabs in a browser that hides and freezes them, as browsers do to spare a battery.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { check } from '../support/checks.mjs';
import { Person } from '../support/person.mjs';
import { App } from './app.mjs';

export async function tabs(stage) {
  // How soon is told here, and held where the machine has no part in it: by the clock of the tabs' own
  // tests (2 to 2.5 s after the freezing), which leaves of the promised 4 s the start of a core.
  await check('[LD70] [LD73] a leader frozen without a word: the tab in front leads, and who wakes follows; each message once', () =>
    stage.with_browsers(async (browse) => {
      console.log(`        led again after ${await frozen_without_a_word(stage, browse)} ms`);
    }),
  );

  await check('[LD34] a leader that is told of its freezing gives its place away at once, and comes back as a follower', () =>
    stage.with_browsers(async (browse) => {
      const { ana, first, second, ben, chatId } = await two_tabs(stage, browse);
      const leader = await leader_of(second);
      await ana.browser.freeze(first.page);
      const next = await another_leader(second, leader);
      await second.send('meanwhile');
      await second.until_status(['meanwhile'], ['sent', 'delivered']);
      await ana.browser.thaw(first.page);
      await first.page.bringToFront();
      await first.send('back again');
      for (const app of [first, second]) await app.until_texts(['before', 'meanwhile', 'back again']);
      assert.equal(await leader_of(second), next);
      await first.until_status(['back again'], ['sent', 'delivered']);
      assert.deepEqual(await texts_on_server(ben, chatId), ['before', 'meanwhile', 'back again']);
    }),
  );
}

// Freezes the leader, wakes it when another leads, and returns how long that took, from before the
// freezing until a core in the other tab has taken in what was said there meanwhile.
async function frozen_without_a_word(stage, browse) {
  const { ana, first, second, ben, chatId } = await two_tabs(stage, browse);
  await first.page.evaluate(() => {
    // Not every browser says it, and not every page gets to act on it.
    window.addEventListener('freeze', (event) => event.stopImmediatePropagation(), { capture: true });
  });
  const leader = await leader_of(second);
  const begun_at_ms = performance.now();
  await ana.browser.freeze(first.page);
  await second.send('said while the leader is frozen');
  await second.until_status(['said while the leader is frozen'], ['queued', 'sent', 'delivered']);
  const next = await another_leader(second, leader);
  const taken_ms = Math.round(performance.now() - begun_at_ms);
  await second.until_status(['said while the leader is frozen'], ['sent', 'delivered']);
  await ben.call('POST', `/chats/${chatId}/messages`, { tempId: crypto.randomUUID(), content: { type: 'text', text: 'an answer' } });
  await second.until_texts(['before', 'said while the leader is frozen', 'an answer']);

  await ana.browser.thaw(first.page);
  await first.page.bringToFront();
  await first.until_texts(['before', 'said while the leader is frozen', 'an answer']);
  await first.send('said by the tab that woke');
  const texts = ['before', 'said while the leader is frozen', 'an answer', 'said by the tab that woke'];
  for (const app of [first, second]) await app.until_texts(texts);
  await first.until_status(['said by the tab that woke'], ['sent', 'delivered']);
  assert.equal(await leader_of(second), next, 'the place was not taken back');
  assert.deepEqual(await texts_on_server(ben, chatId), texts);
  return taken_ms;
}

// Ana in a browser with two tabs at the same chat: the first leads and is hidden behind the second.
async function two_tabs(stage, browse) {
  const ana = await stage.newcomer(browse, 'Ana', { real_tabs: true });
  const { username, displayName, password } = stage.someone('Ben');
  const ben = await Person.register(stage.server.origin, username, displayName, password);
  const first = ana.app;
  await first.start_chat_with({ username });
  await first.send('before');
  await first.until_status(['before'], ['sent', 'delivered']);
  const second = new App(await ana.browser.context.newPage());
  await second.page.goto(first.page.url());
  await second.page.bringToFront();
  await second.until_texts(['before']);
  await first.page.waitForFunction(() => document.visibilityState === 'hidden', undefined, { polling: 100 });
  return { ana, first, second, ben, chatId: first.chat_id() };
}

// Who holds the leader's lock, by the browser's own word.
const leader_of = (app) =>
  app.page.evaluate(async () => (await navigator.locks.query()).held.find(({ name }) => name.startsWith('core:'))?.clientId);

async function another_leader(app, than) {
  for (;;) {
    const leader = await leader_of(app);
    if (leader !== undefined && leader !== than) return leader;
    await delay(10);
  }
}

async function texts_on_server(person, chatId) {
  const history = await person.history(chatId);
  return history.filter(({ content }) => content?.type === 'text').map(({ content }) => content.text);
}
