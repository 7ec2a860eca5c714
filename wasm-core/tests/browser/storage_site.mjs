/** The page over which the storage tests open modules: one browser and one page for all of them. */
import { fileURLToPath } from 'node:url';
import { test } from '../harness.mjs';
import { launch, newProfile, serve } from './chromium.mjs';

export const pageFolder = fileURLToPath(new URL('../page/', import.meta.url));

/** What `setUp` has made: {buildFolder, site, browser, page}. */
export const at = {};
let serial = 0;

export async function setUp(buildFolder) {
  at.buildFolder = buildFolder;
  at.site = await serve([pageFolder, buildFolder]);
  at.profile = await newProfile();
  at.browser = await launch(at.profile);
  at.page = await openPage(at.site, at.browser);
}

export async function tearDown() {
  await at.browser.close();
  await at.profile.remove();
  await at.site.close();
}

export async function openPage(site, browser) {
  const page = await browser.context.newPage();
  await page.goto(`${site.origin}/storage.html`);
  await page.waitForFunction(() => window.ready === true);
  return page;
}

/** Runs `body(database)` in the page, on a database that no other test uses, and hands on what it saw. */
export function inPage(title, body, check) {
  test(title, async () => {
    serial += 1;
    check(await at.page.evaluate(body, `test-${serial}`));
  });
}

/**
 * Runs `body(tab)` in a new origin that may store `quotaBytes`: Chromium asks for the space left once,
 * and then counts for a while itself. `setQuota(undefined)` frees space.
 */
export async function withQuota(quotaBytes, body) {
  const site = await serve([pageFolder, at.buildFolder]);
  const page = await at.browser.context.newPage();
  try {
    const cdp = await at.browser.context.newCDPSession(page);
    const setQuota = (quotaSize) => cdp.send('Storage.overrideQuotaForOrigin', { origin: `${site.origin}/`, quotaSize });
    await setQuota(quotaBytes);
    await page.goto(`${site.origin}/storage.html`);
    await page.waitForFunction(() => window.ready === true);
    await body(page, setQuota);
  } finally {
    await page.close();
    await site.close();
  }
}
