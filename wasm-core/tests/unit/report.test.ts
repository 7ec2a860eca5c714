/** A report of what the core was given: asked for in any tab, made by the core that leads. */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { world } from './fake_tab';

test('[LD1] a leader and a follower both get the report of the core that leads', async () => {
  const { browser, tabs } = await world(2);
  for (const [at, tab] of tabs.entries()) {
    tab.say({ t: 'askTrace', requestId: at + 5 });
    await browser.settle();
    assert.deepEqual(tab.heard.filter(({ t }) => t === 'trace'), [
      { t: 'trace', requestId: at + 5, bytes: Uint8Array.of(1, 2, 3) },
    ]);
  }
});
