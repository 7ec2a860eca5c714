// From the key press to the frame that shows one's own message, in Chromium, with the server there
// and with the network gone.
import { join } from 'node:path';

import { Stage } from '../e2e/stage.mjs';
import { median, quantile } from './statistics.mjs';

const kMessages = 200;

export async function own_message_on_screen({ rounds }) {
  const stage = await Stage.open();
  const rows = [];
  try {
    await stage.with_browsers(async (browse) => {
      const { ana } = await stage.pair(browse);
      for (const network of ['online', 'offline']) {
        if (network === 'offline') await stage.network.cut();
        const samples = [];
        for (let round = 0; round < rounds; round += 1) samples.push(...(await type_messages(ana.app, `${network} ${round}`)));
        rows.push({
          what: `own message on the screen after Enter, ${network}`,
          figure: `p50 ${median(samples).toFixed(1)} ms, p99 ${quantile(samples, 0.99).toFixed(1)} ms`,
          how: `${samples.length} messages; from the key event's time to the end of the first frame that has it, headless Chromium`,
        });
      }
    });
  } finally {
    await stage.network.close().catch(() => {});
    await stage.server.stop();
  }
  return rows;
}

async function type_messages(app, name) {
  await app.page.evaluate(watch_for_own);
  for (let at = 0; at < kMessages; at += 1) {
    await app.composer.fill(`${name} ${at}`);
    await app.composer.press('Enter');
    await app.page.waitForFunction((count) => window.on_screen_ms.length >= count, at + 1);
  }
  return app.page.evaluate(() => window.on_screen_ms);
}

// In the page: the time of each Enter, and of the task after the frame in which a new message stood.
function watch_for_own() {
  window.on_screen_ms = [];
  let pressed;
  if (window.watching_for_own) return;
  window.watching_for_own = true;
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') pressed = event.timeStamp;
  }, true);
  const after_frame = new MessageChannel();
  after_frame.port1.onmessage = ({ data }) => window.on_screen_ms.push(performance.now() - data);
  new MutationObserver((changes) => {
    const added = changes.some(({ addedNodes }) =>
      [...addedNodes].some((node) => node instanceof HTMLElement && (node.matches('[data-message]') || node.querySelector('[data-message]'))));
    if (!added || pressed === undefined) return;
    const since = pressed;
    pressed = undefined;
    requestAnimationFrame(() => after_frame.port2.postMessage(since));
  }).observe(document, { childList: true, subtree: true });
}
