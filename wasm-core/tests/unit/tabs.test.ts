/** Workers of several tabs: one leads, the others look on, and any of them may go at any time. */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { PROTO, type ToTab } from '../../src/tabs/messages';
import { Peer } from '../../src/tabs/peer';
import { FakeBrowser } from './fake_browser';
import { FakeCore, FakeDisk } from './fake_core';
import { FakeTab as Tab, world } from './fake_tab';

test('[LD1] of several tabs one leads, and all show the same', async () => {
  const { browser, tabs } = await world(3);
  assert.deepEqual(tabs.map((tab) => tab.leading), [true, false, false]);
  assert.deepEqual(tabs.map((tab) => tab.cores.length), [1, 0, 0]);
  tabs[2]?.send('t1', 'from a follower');
  tabs[0]?.send('t2', 'from the leader');
  await browser.settle();
  for (const tab of tabs) assert.deepEqual(tab.view.items, ['from the leader', 'from a follower'].sort().reverse());
});

test('[LD1] a tab whose own lock comes late is not taken for gone', async () => {
  const { browser, tabs } = await world(1);
  const release = browser.delayLocks((name) => name === 'tab:late');
  const late = await new Tab(browser, new FakeDisk(), 'late').start();
  release();
  await browser.settle();
  tabs[0]?.send('t1', 'after it came');
  await browser.settle();
  assert.deepEqual(late.view.items, ['after it came']);
});

test('[LD1] a tab whose own lock comes late does not follow a leader that begins meanwhile, and is not taken for gone', async () => {
  const { browser, tabs } = await world(2);
  const release = browser.delayLocks((name) => name === 'tab:late');
  const late = await new Tab(browser, new FakeDisk(), 'late').start();
  browser.crash((tabs[0] as Tab).id); // the other one leads, and says so to all
  await browser.settle();
  release();
  await browser.settle();
  tabs[1]?.send('t1', 'after it came');
  await browser.settle();
  assert.equal(tabs[1]?.leading, true);
  assert.deepEqual(late.view.items, ['after it came']);
});

test('[ST8] a tab whose own lock comes late hears that its person has signed out', async () => {
  const { browser, tabs } = await world(1);
  browser.delayLocks((name) => name === 'tab:late');
  const late = await new Tab(browser, new FakeDisk(), 'late').start();
  tabs[0]?.say({ t: 'end', wipe: true });
  await browser.settle();
  assert.equal(late.count('signedOut'), 1);
});

test('[LD2] when the leader crashes, the next tab leads, views go on, and what was not kept is said again', async () => {
  const { browser, disk, tabs } = await world(3);
  const [first, second, third] = tabs as [Tab, Tab, Tab];
  third.send('t1', 'kept by the disk');
  await browser.settle();
  browser.lose = (envelope) => envelope.body.t === 'command';
  third.send('t2', 'lost on its way');
  await browser.settle();
  assert.deepEqual(disk.texts, ['kept by the disk']);
  browser.lose = () => false;
  browser.crash(first.id);
  await browser.settle();
  assert.equal(second.leading, true);
  assert.deepEqual(disk.texts, ['kept by the disk', 'lost on its way']);
  assert.deepEqual(third.view.items, disk.texts);
  assert.deepEqual(second.view.items, disk.texts);
});

test('[LD4] what a tab was told is kept is not said again to the next leader', async () => {
  const { browser, tabs } = await world(2);
  const [first, second] = tabs as [Tab, Tab];
  second.send('t1', 'one');
  await browser.settle();
  first.core.keep(['t1']);
  await browser.settle();
  assert.equal(second.count('kept'), 1);
  browser.crash(first.id);
  await browser.settle();
  assert.deepEqual(second.core.commands.filter((command) => command.t === 'send'), []);
});

test('[LD33] a follower that missed a diff asks for the view anew', async () => {
  const { browser, disk, tabs } = await world(2);
  const [first, second] = tabs as [Tab, Tab];
  browser.lose = (envelope) => envelope.body.t === 'view';
  first.send('t1', 'one');
  await browser.settle();
  assert.deepEqual(second.view.items, []);
  browser.lose = () => false;
  first.send('t2', 'two');
  await browser.settle();
  assert.deepEqual(second.view.items, disk.texts);
  first.send('t3', 'three');
  await browser.settle();
  assert.deepEqual(second.view.items, ['one', 'two', 'three']);
  assert.equal(first.core.openViews(), 2);
});

test('[LD34] a leader that is suspended flushes and gives its place away; resumed, it looks on', async () => {
  const { browser, disk, tabs } = await world(2);
  const [first, second] = tabs as [Tab, Tab];
  first.say({ t: 'suspend' });
  await browser.settle();
  assert.equal(first.core.flushed, 1);
  assert.equal(first.core.disposed, true);
  assert.deepEqual([first.leading, second.leading], [false, true]);
  second.send('t1', 'meanwhile');
  first.say({ t: 'resume' });
  await browser.settle();
  assert.deepEqual([first.leading, second.leading], [false, true]);
  assert.deepEqual(first.view.items, disk.texts);
});

test('[LD34] a tab that is suspended and resumed alone leads again', async () => {
  const { browser, tabs } = await world(1);
  const [only] = tabs as [Tab];
  only.say({ t: 'suspend' });
  only.say({ t: 'resume' });
  await browser.settle();
  only.say({ t: 'suspend' });
  await browser.settle();
  assert.equal(only.leading, false);
  only.say({ t: 'resume' });
  await browser.settle();
  assert.equal(only.leading, true);
  only.send('t1', 'again');
  await browser.settle();
  assert.deepEqual(only.view.items, ['again']);
});

test('[LD35] a fenced leader throws its core away and stands in line again', async () => {
  const { browser, tabs } = await world(1);
  const [only] = tabs as [Tab];
  only.send('t1', 'one');
  only.core.events.onFenced();
  await browser.settle();
  assert.equal(only.cores.length, 2);
  assert.equal(only.cores[0]?.disposed, true);
  assert.equal(only.leading, true);
  assert.deepEqual(only.view.items, ['one']);
});

test('[LD35] a leader whose lock is taken from it stops at once', async () => {
  const { browser, disk, tabs } = await world(1);
  const [first] = tabs as [Tab];
  let stolen = false;
  void browser.locksOf('thief').request('core:1', { steal: true }, async () => {
    stolen = true;
  });
  await browser.settle();
  assert.equal(stolen, true);
  assert.equal(first.cores[0]?.disposed, true);
  assert.equal(first.leading, true, 'in line again, and the thief has let go');
  assert.equal(disk.term, 2);
});

test('[LD36] a core that stops is rebuilt, at most five times, further and further apart; then it is said', async () => {
  const { browser, tabs } = await world(2);
  const [first, second] = tabs as [Tab, Tab];
  for (let i = 0; i < 5; i += 1) {
    first.core.events.onStopped(new Error('CHECK'));
    await browser.advance(51_200);
    assert.equal(first.cores.length, i + 2);
  }
  assert.equal(first.count('halted'), 0);
  first.send('t1', 'after the rebuilds');
  await browser.settle();
  assert.deepEqual(second.view.items, ['after the rebuilds']);
  first.core.events.onStopped(new Error('CHECK'));
  await browser.advance(60_000);
  assert.equal(first.cores.length, 6);
  assert.deepEqual([first.count('halted'), second.count('halted')], [1, 1]);
  assert.deepEqual(first.waits, [200, 800, 3200, 12800, 51200]);
});

test('[LD36] a start that fails is tried again', async () => {
  const browser = new FakeBrowser();
  const tab = new Tab(browser, new FakeDisk(), 'tab');
  tab.failStarts = 2;
  await tab.start();
  await browser.advance(1_000);
  assert.equal(tab.leading, true);
  assert.equal(tab.waits.length, 2);
});

test('[LD37] the views of a tab that closed or crashed are closed in the core', async () => {
  const { browser, tabs } = await world(3);
  const [first, second, third] = tabs as [Tab, Tab, Tab];
  assert.equal(first.core.openViews(), 3);
  second.say({ t: 'end', wipe: false });
  await browser.settle();
  assert.equal(first.core.openViews(), 2);
  browser.crash(third.id);
  await browser.settle();
  assert.equal(first.core.openViews(), 1);
});

test('[LD38] signing out in any tab ends all of them and wipes', async () => {
  const { browser, tabs } = await world(3);
  const [first, second, third] = tabs as [Tab, Tab, Tab];
  second.say({ t: 'end', wipe: true });
  await browser.settle();
  assert.equal(second.wiped, 1);
  assert.deepEqual(second.heard.at(-1), { t: 'ended', wiped: true });
  assert.deepEqual([first.count('signedOut'), third.count('signedOut')], [1, 1]);
  assert.equal(first.core.disposed, true);
  assert.equal(third.cores.length, 0, 'nobody takes over what is being wiped');
});

test('[ST8] [LD38] a tab that signs out is told that all is deleted, also where it hears of another tab\'s sign-out first', async () => {
  const { browser, tabs } = await world(2);
  const [first, second] = tabs as [Tab, Tab];
  first.say({ t: 'end', wipe: true }); // as the record's removal by the second has made it do
  await browser.settle();
  second.say({ t: 'end', wipe: true });
  await browser.settle();
  assert.equal(second.wiped, 1);
  assert.deepEqual(second.heard.at(-1), { t: 'ended', wiped: true });
});

test('[LD39] [LD75] tabs of a newer version are noticed; an older protocol steps down for a newer one', async () => {
  const { browser, tabs } = await world(1);
  const [old] = tabs as [Tab];
  await new Tab(browser, new FakeDisk(), 'newer', '1.0.1').start();
  assert.equal(old.count('outdated'), 1);
  assert.equal(old.leading, true);
  browser.channelOf('future').post({ proto: PROTO + 1, version: '2.0.0', term: 9, from: 'future', body: { t: 'stepDown' } });
  await browser.settle();
  assert.equal(old.leading, false);
  assert.equal(old.core.flushed, 1);
});

test('[LD40] an intent that the core refuses is not offered again', async () => {
  const { browser, tabs } = await world(1);
  const [only] = tabs as [Tab];
  only.core.refuse = 7;
  only.send('bad', 'whatever');
  await browser.settle();
  assert.equal(only.count('kept'), 1);
  only.core.events.onFenced();
  await browser.settle();
  assert.deepEqual(only.core.commands.filter((command) => command.t === 'send'), []);
});

test('[LD40] an intent refused by a full outbox is offered to the next leader', async () => {
  const { browser, tabs } = await world(1);
  const [only] = tabs as [Tab];
  only.core.refuse = 11;
  only.send('late', 'whatever');
  await browser.settle();
  assert.equal(only.count('kept'), 0);
  only.core.events.onFenced();
  await browser.settle();
  assert.equal(only.core.commands.filter((command) => command.t === 'send').length, 1);
});

test('[LD41] the core is visible while any tab is, and a tab that is gone is not', async () => {
  const { browser, tabs } = await world(3);
  const [first, second, third] = tabs as [Tab, Tab, Tab];
  const told = (): unknown[] =>
    first.core.commands.flatMap((command) => (command.t === 'visible' ? [command.visible] : []));
  second.say({ t: 'visible', visible: true });
  third.say({ t: 'visible', visible: true });
  await browser.settle();
  third.say({ t: 'visible', visible: false });
  await browser.settle();
  assert.equal(told().at(-1), true);
  browser.crash(second.id);
  await browser.settle();
  assert.equal(told().at(-1), false);
});

test('[LD42] without locks each tab leads itself', async () => {
  const disk = new FakeDisk();
  const heard: ToTab[] = [];
  const peer = new Peer({
    id: 'alone', version: '1', locks: undefined, channel: undefined, lockName: 'x', ownLockName: 'y',
    startCore: async (events) => new FakeCore(disk, events),
    wipe: async () => true,
    toTab: (message) => void heard.push(message),
    showAlive: async () => undefined, watchTab: () => undefined, wait: async () => undefined, nowMs: () => 0, random: () => 0,
  });
  void peer.start();
  peer.handle({ t: 'command', command: { t: 'send', tempId: 't1', chatId: '7', text: 'said before the start was over' } });
  await new FakeBrowser().settle();
  assert.deepEqual(disk.texts, ['said before the start was over']);
  assert.ok(heard.some((message) => message.t === 'role' && message.leading));
});
