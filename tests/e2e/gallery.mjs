// Pictures of every screen, for people to judge: light and dark, phone and desktop, of the demo.
//   node tests/e2e/gallery.mjs              into build/screenshots
//   node tests/e2e/gallery.mjs --readme     also docs/screenshot.png
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { kRoomy, kRoot, start_server } from '../support/server.mjs';
import { App } from './app.mjs';
import { launch, new_profile } from './browser.mjs';

const kFolder = join(kRoot, 'build/screenshots');
const kAna = { username: 'ana', password: 'godwit-demo' };
const kLooks = ['light', 'dark'];
const kShapes = {
  desktop: { viewport: { width: 1180, height: 760 }, deviceScaleFactor: 1 },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

// A picture is taken of what stands still: fonts there, nothing under way.
async function settle(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.all(document.getAnimations().filter((animation) => animation.effect.getComputedTiming().iterations !== Infinity).map((animation) => animation.finished.catch(() => {})));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
}

async function portray(origin, look, shape, also_readme) {
  const browser = await launch(new_profile(), { colorScheme: look, reducedMotion: 'reduce', ...kShapes[shape] });
  const picture = async (page, name) => {
    await settle(page);
    await page.screenshot({ path: join(kFolder, `${name}-${shape}-${look}.png`) });
  };
  const app = await App.open(browser.context, origin);
  const { page } = app;
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  await picture(page, 'sign-in');
  await app.sign_in(kAna);
  await app.row('Bo').first().waitFor();
  await picture(page, 'chats');
  for (const [name, title] of [['direct', 'Bo'], ['group', 'Estuary walks']]) {
    const row = app.row(title).first();
    if ((await row.count()) === 0) continue;
    await row.click();
    await app.messages.last().waitFor();
    await picture(page, name);
    if (also_readme && name === 'group') {
      await page.screenshot({ path: join(kRoot, 'docs/screenshot.png') });
    }
    if (shape === 'phone') await page.getByRole('button', { name: 'Back to chats' }).click();
  }
  await page.getByRole('button', { name: 'Find people' }).first().click();
  await page.getByRole('dialog').getByLabel('Name or user name').fill('sam');
  await page.getByRole('dialog').getByText('@samir').waitFor();
  await picture(page, 'find');
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('This one').waitFor();
  await picture(page, 'settings');
  await browser.close();
}

mkdirSync(kFolder, { recursive: true });
const server = await start_server({ web: join(kRoot, 'web/dist'), flags: [...kRoomy, '--demo'] });
for (const look of kLooks) {
  for (const shape of Object.keys(kShapes)) {
    const also_readme = process.argv.includes('--readme') && look === 'light' && shape === 'desktop';
    await portray(server.origin, look, shape, also_readme);
  }
}
await server.stop();
console.log(`pictures are in ${kFolder}`);
process.exit(0);
