/** A leader that is frozen keeps its lock. Who takes its place, when, and what becomes of it when it wakes. */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { PROTO, type Envelope } from '../../src/tabs/messages';
import type { FakeBrowser } from './fake_browser';
import { FakeDisk } from './fake_core';
import { FakeTab as Tab, world } from './fake_tab';

/** The first tab leads; these others are looked at. */
async function watched(count: number, visible: readonly number[]): Promise<{ browser: FakeBrowser; disk: FakeDisk; tabs: Tab[] }> {
  const all = await world(count);
  for (const at of visible) all.tabs[at]?.say({ t: 'visible', visible: true });
  await all.browser.advance(2_000);
  return all;
}

const leading = (tabs: readonly Tab[]): readonly boolean[] => tabs.map((tab) => tab.leading);

test('[LD70] a visible follower leads 2 to 2.5 s after the leader froze, with what was said meanwhile', async () => {
  const { browser, disk, tabs } = await watched(2, [1]);
  const [first, second] = tabs as [Tab, Tab];
  browser.freeze(first.id);
  second.send('t1', 'said to a frozen leader');
  await browser.advance(1_999);
  assert.equal(second.leading, false);
  await browser.advance(1_001);
  assert.equal(second.leading, true);
  assert.deepEqual(disk.texts, ['said to a frozen leader']);
  assert.deepEqual(second.view.items, disk.texts);
});

test('[LD70] with a core that takes a second to start it leads within 4 s, however unlucky the draw', async () => {
  const { browser, tabs } = await watched(2, [1]);
  const [first, second] = tabs as [Tab, Tab];
  second.random = 0.999;
  second.startsAfterMs = 1_000;
  browser.freeze(first.id);
  await browser.advance(4_000);
  assert.equal(second.leading, true);
});

test('[LD70] a place that is held while its core still starts is taken over as well', async () => {
  const { browser, tabs } = await watched(1, []);
  const [first] = tabs as [Tab];
  first.core.events.onStopped(new Error('CHECK')); // it leads nobody, and waits for its rebuild
  browser.freeze(first.id);
  const second = new Tab(browser, new FakeDisk(), 'second');
  second.say({ t: 'visible', visible: true });
  await second.start();
  assert.equal(second.leading, false);
  await browser.advance(3_000);
  assert.equal(second.leading, true);
});

test('[LD71] a leader that answers is left alone, also when its own timers do not run', async () => {
  const { browser, tabs } = await watched(2, [1]);
  await browser.advance(60_000);
  assert.deepEqual(leading(tabs), [true, false]);
  assert.ok(browser.sent.filter(({ body }) => body.t === 'here').length >= 120);
});

test('[LD71] a machine that sleeps, however often, takes nothing over', async () => {
  const { browser, tabs } = await watched(2, [1]);
  const [first] = tabs as [Tab, Tab];
  browser.freeze(first.id); // of the two it is always the other that gets to run
  for (let i = 0; i < 20; i += 1) {
    await browser.sleep(3_600_000);
    await browser.advance(50);
  }
  await browser.thaw(first.id);
  await browser.advance(5_000);
  assert.deepEqual(leading(tabs), [true, false]);
});

test('[LD72] a hidden follower takes nothing over, and does so once it is looked at', async () => {
  const { browser, tabs } = await watched(2, []);
  const [first, second] = tabs as [Tab, Tab];
  browser.freeze(first.id);
  await browser.advance(60_000);
  assert.equal(second.leading, false);
  second.say({ t: 'visible', visible: true });
  await browser.advance(1_000);
  second.say({ t: 'visible', visible: false });
  await browser.advance(60_000);
  assert.equal(second.leading, false);
  second.say({ t: 'visible', visible: true });
  await browser.advance(3_000);
  assert.equal(second.leading, true);
});

test('[LD73] a leader that wakes loses its core, follows, and saves nothing; nothing is lost or doubled', async () => {
  const { browser, disk, tabs } = await watched(3, [1]);
  const [first, second, third] = tabs as [Tab, Tab, Tab];
  browser.freeze(first.id);
  first.send('t0', 'typed as it froze'); // its worker still had this in its hands
  third.send('t1', 'by a hidden tab');
  second.send('t2', 'by the one that takes over');
  await browser.advance(3_000);
  await browser.thaw(first.id);
  await browser.advance(2_000);
  assert.deepEqual(leading(tabs), [false, true, false]);
  assert.equal(first.cores.length, 1);
  assert.equal(first.core.disposed, true);
  assert.deepEqual([...disk.texts].sort(), ['by a hidden tab', 'by the one that takes over', 'typed as it froze']);
  for (const tab of tabs) assert.deepEqual(tab.view.items, disk.texts);
});

test('[LD73] a woken leader that hears of the newer one before it hears of its lock claims nothing', async () => {
  const { browser, tabs } = await watched(3, [1]);
  const [first, second] = tabs as [Tab, Tab, Tab];
  browser.freeze(first.id);
  browser.lose = ({ from, to, body }) => from === second.id && to === undefined && body.t === 'lead';
  await browser.advance(3_000);
  browser.lose = () => false;
  const term = second.core.term;
  // The first word that reaches it is a question from the newer term; its lock's end comes after.
  const robbed = browser.holdLockNews(first.id);
  await browser.thaw(first.id);
  browser.channelOf('curious').post({ proto: PROTO, version: '1.0.0', term, from: 'curious', to: first.id, body: { t: 'who' } });
  await browser.settle();
  robbed();
  await browser.advance(2_000);
  assert.deepEqual(leading(tabs), [false, true, false]);
  assert.equal(second.cores.length, 1, 'the newer one was not disturbed');
});

test('[LD74] of two visible followers one takes over, and is not taken from while its core starts', async () => {
  const { browser, tabs } = await watched(3, [1, 2]);
  const [first, second, third] = tabs as [Tab, Tab, Tab];
  third.random = 0.9;
  second.startsAfterMs = 5_000;
  browser.freeze(first.id);
  await browser.advance(20_000);
  assert.deepEqual([second.leading, third.leading], [true, false]);
  assert.deepEqual(tabs.map((tab) => tab.cores.length), [1, 1, 0]);
});

test('[LD74] who has taken over is twice as patient for a minute', async () => {
  const { browser, tabs } = await watched(2, [0, 1]);
  const [first, second] = tabs as [Tab, Tab];
  browser.freeze(first.id);
  await browser.advance(3_000);
  assert.deepEqual(second.leading, true);
  await browser.thaw(first.id);
  browser.freeze(second.id);
  await browser.advance(3_000); // the first had no reason to be patient
  assert.deepEqual(first.leading, true);
  await browser.thaw(second.id);
  browser.freeze(first.id);
  await browser.advance(3_000);
  assert.equal(second.leading, false);
  await browser.advance(2_000);
  assert.equal(second.leading, true);
});

test('[LD75] a newer protocol finds the older leader and takes its place; the older stands aside', async () => {
  const { browser, tabs } = await watched(2, [0, 1]);
  const [leader, follower] = tabs as [Tab, Tab];
  const heard: Envelope[] = [];
  const future = browser.channelOf('future');
  future.onMessage((envelope) => heard.push(envelope));
  const say = async (body: Envelope['body'], to?: string): Promise<void> => {
    const envelope: Envelope = { proto: PROTO + 1, version: '2.0.0', term: 0, from: 'future', body };
    future.post(to === undefined ? envelope : { ...envelope, to });
    await browser.settle();
  };
  await say({ t: 'who' });
  assert.deepEqual(heard.map(({ from, body }) => [from, body.t]), [[leader.id, 'lead']]);
  await say({ t: 'stepDown' }, leader.id);
  let granted = false;
  void browser.locksOf('future').request('core:1', {}, () => new Promise(() => (granted = true)));
  await browser.advance(60_000);
  assert.equal(granted, true, 'neither of the older waits in line or takes over');
  assert.deepEqual(leading(tabs), [false, false]);
  assert.deepEqual([leader.count('outdated'), follower.count('outdated')], [1, 1]);
});

test('[LD75] an older protocol that comes later is told at once that it is', async () => {
  const { browser } = await watched(1, []);
  const heard: Envelope[] = [];
  const past = browser.channelOf('past');
  past.onMessage((envelope) => heard.push(envelope));
  past.post({ proto: PROTO - 1, version: '0.9.0', term: 0, from: 'past', body: { t: 'who' } });
  past.post({ proto: PROTO - 1, version: '0.9.0', term: 0, from: 'past', body: { t: 'ping' } });
  past.post({ proto: PROTO - 1, version: '0.9.0', term: 0, from: 'past', body: { t: 'lead' } });
  await browser.settle();
  assert.deepEqual(heard.map(({ body }) => body.t), ['lead', 'here', 'stepDown']);
});

test('[LD76] what has no name of its own and was said to a frozen leader is said again to the next', async () => {
  const { browser, tabs } = await watched(2, [1]);
  const [first, second] = tabs as [Tab, Tab];
  second.say({ t: 'command', command: { t: 'read', chatId: '7', seq: 3 } });
  await browser.advance(1_000);
  browser.freeze(first.id);
  second.say({ t: 'command', command: { t: 'read', chatId: '7', seq: 9 } });
  await browser.advance(3_000);
  const reads = second.core.commands.flatMap((command) => (command.t === 'read' ? [command.seq] : []));
  assert.deepEqual(reads, [9]);
});
