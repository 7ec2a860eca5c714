// Two people, two browsers; one of them loses the network, writes on, and her browser is killed.
import assert from 'node:assert/strict';

import { check } from '../support/checks.mjs';
import { Person } from '../support/person.mjs';
import { App } from './app.mjs';
import { session_on_disk } from './browser.mjs';
import { in_order } from './stage.mjs';

// In the order in which a message passes through them.
const kMarks = ['saving', 'queued', 'sending', 'sent', 'delivered', 'read'];
const kFive = ['one, without a network', 'two', 'three\nover two lines', 'four 🪶', 'five, then the power went'];

export async function two_browsers(stage, { kills }) {
  await check('[UI4] [AU7] two people sign up and write to each other; marks only go forward, from saving to read', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      await ana.app.send('Hello, Ben');
      await ben.app.until_texts(['Hello, Ben']);
      await ana.app.until_status(['Hello, Ben'], 'read');
      await ben.app.send('Hello, Ana. გამარჯობა 👋');
      await ana.app.until_texts(['Hello, Ben', 'Hello, Ana. გამარჯობა 👋']);
      await ben.app.until_status(['Hello, Ana. გამარჯობა 👋'], 'read');
      // What comes in one burst is shown at once: a mark between the first and the last may be skipped.
      const seen = await ana.app.statuses_of('Hello, Ben');
      assert.ok(in_order(seen, kMarks) && seen[0] === 'saving' && seen.at(-1) === 'read', `seen: ${seen}`);
    }),
  );

  await check('[UI4] [RC2] saving, sent, delivered, read follow each other', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      // Ben is away: sent. His device is there, but he looks at his settings: delivered. He comes back: read.
      const conversation = ben.app.page.url();
      await ben.app.page.goto('about:blank');
      await ana.app.send('in four steps');
      await ana.app.until_status(['in four steps'], 'sent');
      await ben.app.page.goto(`${stage.origin}/#/settings`);
      await ana.app.until_status(['in four steps'], 'delivered');
      await ben.app.page.goto(conversation);
      await ana.app.until_status(['in four steps'], 'read');
      const seen = await ana.app.statuses_of('in four steps');
      assert.ok(in_order(['saving', 'sent', 'delivered', 'read'], seen), `seen: ${seen}`);
    }),
  );

  await check('[OB12] five messages written offline outlive a reload and a killed browser, once and in order', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben, chatId } = await stage.pair(browse);
      await ana.app.send('before the storm');
      await ben.app.until_texts(['before the storm']);
      await keep_session(stage, ana, browse);
      await lose_network(stage, ana);
      for (const text of kFive) await ana.app.send(text);
      await ana.app.until_status(kFive, 'queued');

      await ana.app.page.reload();
      await ana.app.composer.waitFor();
      await ana.app.until_texts(['before the storm', ...kFive]);
      await ana.app.until_status(kFive, 'queued');

      Object.assign(ana, await kill_and_return(stage, ana, browse));
      await ana.app.until_texts(['before the storm', ...kFive]);
      await stage.network.restore();
      await everybody_has(stage, { ana, ben, chatId }, ['before the storm', ...kFive]);
    }),
  );

  await check(`[OB12] ${kills} kills in a row: what showed queued arrives once and in order`, () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben, chatId } = await stage.pair(browse);
      await keep_session(stage, ana, browse);
      const texts = [];
      for (let kill = 1; kill <= kills; kill += 1) {
        await lose_network(stage, ana);
        const five = Array.from({ length: 5 }, (_, at) => `kill ${kill}, message ${at + 1}`);
        texts.push(...five);
        for (const text of five) await ana.app.send(text);
        await ana.app.until_status(five, 'queued');
        Object.assign(ana, await kill_and_return(stage, ana, browse));
        await stage.network.restore();
        await everybody_has(stage, { ana, ben, chatId }, texts);
      }
    }),
  );
}

// A browser that ends in order writes down at once who is signed in, and the shell; left to itself it
// takes half a minute, and a power cut before that signs out, whatever a page does.
async function keep_session(stage, ana, browse) {
  await ana.app.shell_kept();
  await ana.browser.close();
  assert.ok(session_on_disk(ana.profile), 'the session is on the disk');
  const browser = await browse(ana.profile);
  const app = await App.open(browser.context, stage.origin);
  await app.open_chat(/Ben/);
  Object.assign(ana, { browser, app });
}

async function lose_network(stage, { browser, app }) {
  await stage.network.cut();
  await browser.context.setOffline(true);
  await app.page.getByText('No network').first().waitFor();
}

// The same profile in a new process, still without a network: the shell comes from the service
// worker, the chat from this device.
async function kill_and_return(stage, ana, browse) {
  await ana.browser.kill();
  const browser = await browse(ana.profile);
  const app = await App.open(browser.context, stage.origin);
  await app.open_chat(/Ben/);
  return { browser, app };
}

async function everybody_has(stage, { ana, ben, chatId }, texts) {
  await ben.app.until_texts(texts);
  await ana.app.until_texts(texts);
  await ana.app.until_status(texts, ['sent', 'delivered', 'read']);
  const reader = await Person.login(stage.server.origin, ben.person.username, ben.person.password);
  const history = await reader.history(chatId);
  assert.deepEqual(
    history.filter(({ content }) => content?.type === 'text').map(({ content }) => content.text),
    texts,
  );
}
