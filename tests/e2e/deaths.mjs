// What the app itself keeps, beside the core: a tab or the browser dies over it, and the next start has
// the old or the new of it.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';

import { check } from '../support/checks.mjs';
import { deaths, die_in, stopping_storage, writes_of } from '../support/dying_tab.mjs';
import { App } from './app.mjs';
import { new_profile } from './browser.mjs';

export async function app_deaths(stage) {
  await check('[SI7] [UI7] a tab that dies over the choice of a theme leaves the old one or the new one', () =>
    stage.with_browsers(async (browse) => {
      const { browser } = await stage.newcomer(browse, 'Dora');
      await browser.context.addInitScript(stopping_storage);
      await at_settings(stage, browser, async (page) => {
        assert.equal(await writes_of(page, choose, 'dark'), 1);
        assert.equal(await writes_of(page, choose, 'system'), 1, 'which is no choice');
      });
      for (const [before, after] of [['system', 'dark'], ['dark', 'system']]) {
        for (const death of deaths(1)) {
          await at_settings(stage, browser, (page) => page.evaluate(choose, before));
          await at_settings(stage, browser, (page) => die_in(page, choose, after, death));
          const wanted = death.when === 'before' ? before : after;
          await at_settings(stage, browser, async (page) => assert.equal(await page.evaluate(chosen), wanted));
        }
      }
    }),
  );

  await check('[SI7] a browser that is killed while it keeps the shell keeps it whole at the next start', () =>
    stage.with_browsers(async (browse) => {
      const profile = new_profile();
      const held = await hold_back(stage, '/icons/maskable-512.png');
      const first = await browse(profile);
      const app = await App.open(first.context, stage.origin);
      await held.asked;
      assert.ok((await kept_by(app.page)) > 0, 'the shell is being kept');
      assert.equal(await app.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active ?? null), null);
      await first.kill();
      held.release();
      const second = await browse(profile);
      const again = await App.open(second.context, stage.origin);
      await again.shell_kept();
      await stage.network.cut();
      await again.page.reload();
      await again.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    }),
  );
}

// Does something in a new tab that shows the settings, and closes it, dead or alive.
async function at_settings(stage, browser, act) {
  const page = await browser.context.newPage();
  await page.goto(`${stage.origin}/#/settings`);
  await page.getByRole('radio', { name: 'Dark' }).waitFor({ state: 'attached' });
  await act(page);
  await page.close();
}

// These run in the page.
function choose(theme) {
  const radio = document.querySelector(`input[name=theme][value=${theme}]`);
  if (!radio.checked) radio.click();
}
function chosen() {
  return document.querySelector('input[name=theme]:checked').value;
}

const kept_by = (page) =>
  page.evaluate(async () => {
    const all = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return all.flat().length;
  });

// From now on nobody is answered who asks for `path`: {asked: a promise of the first, release()}.
async function hold_back(stage, path) {
  const open = new Set();
  let hears;
  const asked = new Promise((resolve) => { hears = resolve; });
  const server = createServer((near) => {
    const far = connect(stage.server.port, '127.0.0.1');
    for (const [socket, other] of [[near, far], [far, near]]) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => open.delete(socket) && other.destroy());
    }
    far.pipe(near);
    near.on('data', (bytes) => (bytes.includes(`GET ${path} `) ? hears() : far.write(bytes)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.network.retarget(server.address().port);
  const release = () => {
    stage.network.retarget(stage.server.port);
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { asked, release };
}
