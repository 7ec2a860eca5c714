/**
 * Tabs under everything that browsers do to them, at random and with delays: opened, closed, crashed,
 * frozen with and without a word, hidden and shown, while people write. When it is over, one tab
 * leads, all show the same, and everything that was said is there once. A failure names its seed.
 */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { FakeBrowser } from './fake_browser';
import { FakeDisk } from './fake_core';
import { FakeTab } from './fake_tab';

const SEEDS = 40;
const STEPS = 80;
const TABS_MAX = 5;

/** Mulberry32: small, and good enough to choose by. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A tab as the person sees it: it may crash and come back with what its session kept. */
interface Window {
  tab: FakeTab;
  /** Said in it, by tempId, and not known to be kept: its `sessionStorage`. */
  readonly copies: Map<string, string>;
  frozen: boolean;
}

class Story {
  readonly browser = new FakeBrowser();
  readonly disk = new FakeDisk();
  readonly windows: Window[] = [];
  readonly said: string[] = [];
  readonly happened: string[] = [];
  private made = 0;

  constructor(private readonly random: () => number) {
    this.browser.latencyMs = () => 1 + Math.floor(random() * 40);
  }

  async run(): Promise<void> {
    await this.open();
    for (let step = 0; step < STEPS; step += 1) {
      await this.step();
      this.keep();
      await this.browser.advance(this.below(5) === 0 ? this.below(8_000) : this.below(300));
    }
    await this.calm();
  }

  takenOver(): number {
    const heard = this.windows.flatMap(({ tab }) => tab.heard);
    return heard.filter((message) => message.t === 'report' && message.json.includes('leader_unresponsive')).length;
  }

  private async step(): Promise<void> {
    const window = this.windows[this.below(this.windows.length)];
    const choice = this.below(20);
    if (window === undefined || (choice === 0 && this.windows.length < TABS_MAX)) return this.open();
    const { tab } = window;
    if (choice < 9) return this.write(window);
    this.happened.push(`${choice} to ${tab.id}`);
    if (choice === 9 && this.below(3) === 0) return this.crash(window);
    if (choice === 10) return this.close(window);
    if (choice < 13) tab.say({ t: 'visible', visible: this.below(2) === 0 });
    else if (window.frozen) await this.thaw(window);
    else if (choice < 16) this.freeze(window, choice === 13);
    else if (choice === 16) tab.core?.events.onStopped(new Error('CHECK'));
    else if (choice === 17) tab.say({ t: 'suspend' });
    else tab.say({ t: 'resume' });
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private async open(copies = new Map<string, string>()): Promise<void> {
    this.made += 1;
    const tab = new FakeTab(this.browser, this.disk, `tab-${this.made}`);
    tab.random = this.random();
    tab.startsAfterMs = this.below(300);
    this.windows.push({ tab, copies, frozen: false });
    this.happened.push(`${tab.id} opens`);
    await tab.start();
    for (const [tempId, text] of copies) tab.send(tempId, text);
    tab.say({ t: 'visible', visible: this.below(3) > 0 });
  }

  private write({ tab, copies }: Window): void {
    const text = `text ${this.said.length}`;
    this.said.push(text);
    copies.set(`id of ${text}`, text);
    tab.send(`id of ${text}`, text);
  }

  private async crash(window: Window): Promise<void> {
    this.remove(window);
    this.browser.crash(window.tab.id);
    return this.open(window.copies);
  }

  /** In order, once nothing is left that only this tab knows: whoever closes it earlier loses that. */
  private close(window: Window): void {
    if (this.windows.length < 2 || window.copies.size > 0 || window.frozen) return;
    this.remove(window);
    window.tab.say({ t: 'end', wipe: false });
    this.browser.crash(window.tab.id);
  }

  private remove(window: Window): void {
    this.windows.splice(this.windows.indexOf(window), 1);
  }

  private freeze(window: Window, told: boolean): void {
    if (told) window.tab.say({ t: 'suspend' });
    this.browser.freeze(window.tab.id);
    window.frozen = true;
  }

  private async thaw(window: Window): Promise<void> {
    window.frozen = false;
    await this.browser.thaw(window.tab.id);
    window.tab.say({ t: 'resume' });
  }

  /** Leaders tell what is on the disk, some of the time; tabs drop their copies of it. */
  private keep(): void {
    for (const { tab, frozen } of this.windows) {
      if (!frozen && tab.leading && !tab.core.disposed && this.below(3) === 0) tab.core.keep([...this.disk.tempIds]);
    }
    for (const { tab, copies } of this.windows) {
      for (const message of tab.heard) if (message.t === 'kept') for (const tempId of message.tempIds) copies.delete(tempId);
    }
  }

  /** Nothing bad happens any more; everybody is awake, and one tab is looked at. */
  private async calm(): Promise<void> {
    if (this.windows.length === 0) await this.open();
    for (const window of this.windows) {
      if (window.frozen) await this.thaw(window);
      window.tab.say({ t: 'resume' });
      window.tab.say({ t: 'visible', visible: false });
    }
    this.windows[0]?.tab.say({ t: 'visible', visible: true });
    await this.browser.advance(60_000);
  }
}

function expectPeace({ windows, disk, said }: Story): void {
  const tabs = windows.map(({ tab }) => tab);
  const halted = tabs.some((tab) => tab.count('halted') > 0);
  if (halted) return; // a core that stops six times in five minutes: said, and left alone
  assert.equal(tabs.filter((tab) => tab.leading).length, 1, 'one leads');
  assert.equal(tabs.flatMap((tab) => tab.cores).filter((core) => !core.disposed).length, 1, 'one core lives');
  assert.deepEqual([...disk.texts].sort(), [...said].sort(), 'everything is there, once');
  for (const tab of tabs) assert.deepEqual(tab.view.items, disk.texts, `${tab.id} shows what there is`);
}

test(`[LD1] [LD4] ${SEEDS} random histories of tabs end with one leader, equal views, and nothing lost or doubled`, async () => {
  let takenOver = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const story = new Story(randomFrom(seed));
    try {
      await story.run();
      expectPeace(story);
    } catch (error) {
      throw new Error(`seed ${seed}, after ${story.happened.slice(-30).join(', ')}`, { cause: error });
    }
    takenOver += story.takenOver();
  }
  assert.ok(takenOver > 0, 'no leader was ever taken from');
});
