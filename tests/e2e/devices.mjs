// One person on several tabs and devices, and a server that dies under everybody's hands.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { check } from '../support/checks.mjs';
import { Person } from '../support/person.mjs';
import { kRoomy, kRoot, start_server } from '../support/server.mjs';
import { App } from './app.mjs';

export async function devices(stage) {
  await check('[LD1] [LD2] two tabs of one person stay equal, also when the first is closed', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      const second = new App(await ana.browser.context.newPage());
      await second.page.goto(ana.app.page.url());
      await second.composer.waitFor();
      const texts = [];
      // Each waits until all have seen the one before: who writes at the same moment has no order but the server's.
      const say = async (from, text, everybody) => {
        await from.send(text);
        texts.push(text);
        for (const app of everybody) await app.until_texts(texts);
      };
      const three = [second, ana.app, ben.app];
      await say(second, 'from the second tab', three);
      await say(ana.app, 'from the first tab', three);
      await say(ben.app, 'from the other side', three);
      await ana.app.page.close();
      await say(second, 'the first tab is closed', [second, ben.app]);
      await say(ben.app, 'and still', [second, ben.app]);
    }),
  );

  await check('[PV3] a draft follows the person from one device to the other', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      const phone = await browse();
      const app = await App.open(phone.context, stage.origin);
      await app.sign_in(ana.person);
      await ana.app.composer.fill('half a thought');
      await app.row(ben.person.displayName).filter({ hasText: 'half a thought' }).waitFor();
      await app.open_chat(ben.person.displayName);
      await app.page.waitForFunction((composer) => composer.value === 'half a thought', await app.composer.elementHandle());
    }),
  );

  await check('[UI2] [WI22] every line of scripts.txt goes through a browser and comes back byte for byte', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben, chatId } = await stage.pair(browse);
      const lines = readFileSync(join(kRoot, 'tests/data/scripts.txt'), 'utf8').split('\n').slice(0, -1);
      const texts = lines.filter((line) => line.trim() !== '');
      for (const text of texts) await ana.app.send(text);
      await ben.app.until_texts(texts);
      await ana.app.until_texts(texts);
      const reader = await Person.login(stage.server.origin, ben.person.username, ben.person.password);
      const history = (await reader.history(chatId)).filter(({ content }) => content?.type === 'text');
      assert.deepEqual(history.map(({ content }) => content.text), texts);
    }),
  );

  await check('[CN2] [OR8] a server killed under two browsers: both find back by themselves', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      await ana.app.send('before');
      await ben.app.until_texts(['before']);
      await ana.app.until_status(['before'], 'read');
      await stage.server.kill();
      await ana.app.send('while the server was dead');
      await ana.app.until_status(['while the server was dead'], ['queued', 'sending']);
      stage.server = await start_server({ data: stage.server.data, port: stage.server.port, web: join(kRoot, 'web/dist'), flags: kRoomy });
      for (const { app } of [ana, ben]) await app.until_texts(['before', 'while the server was dead']);
      await ben.app.send('we are back');
      for (const { app } of [ana, ben]) await app.until_texts(['before', 'while the server was dead', 'we are back']);
      await ana.app.until_status(['while the server was dead'], 'read');
    }),
  );
}
