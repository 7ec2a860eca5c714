// A tab that dies right before or right after one of its writes to localStorage or sessionStorage: the
// page stops there, and its process is then ended, so that nothing of it happens later. A page needs
// `stopping_storage` from its first moment on (Playwright's addInitScript). The picture of what is shown is
// written at times of its own, which no act brings about: that does not count, and has a test of its own.

// Runs in the page: counts its writes, and stops it for good over the one that `dying_over` names.
export function stopping_storage() {
  window.writes = 0;
  const stop_if = (when) => {
    if (window.dying_over?.nth !== window.writes || window.dying_over.when !== when) return;
    window.stopped();
    for (;;); // nothing of the page runs from here on
  };
  for (const name of ['setItem', 'removeItem', 'clear']) {
    const write = Storage.prototype[name];
    Storage.prototype[name] = function (...words) {
      const counts = name !== 'setItem' || words[0] !== 'godwit.picture';
      if (counts) window.writes += 1;
      if (counts) stop_if('before');
      write.apply(this, words);
      if (counts) stop_if('after');
    };
  }
}

/** Before and after each of so many writes: what `die_in` takes. */
export const deaths = (writes) =>
  Array.from({ length: writes }, (_, at) => ['before', 'after'].map((when) => ({ nth: at + 1, when }))).flat();

/** How many writes `act(words)`, run in the page, makes until it is done. */
export async function writes_of(page, act, words) {
  await page.evaluate(() => { window.writes = 0; });
  await page.evaluate(act, words);
  return page.evaluate(() => window.writes);
}

/**
 * Runs `act(words)` in the page, which dies over its nth write from now on: {nth, when}. Resolves, when
 * the process is gone, to the tab's own CDP session, by which the tab can be loaded again.
 */
export async function die_in(page, act, words, dying_over) {
  const tab = await page.context().newCDPSession(page);
  await page.exposeFunction('stopped', () => void tab.send('Page.crash').catch(() => {})); // it has no answer
  await page.evaluate((over) => Object.assign(window, { writes: 0, dying_over: over }), dying_over);
  await crash(page, () => page.evaluate(act, words).catch(() => {}));
  return tab;
}

/** Resolves when the page's process has died, which `begin` leads to. */
export async function crash(page, begin) {
  const crashed = new Promise((resolve) => page.once('crash', resolve));
  void begin();
  await crashed;
}
