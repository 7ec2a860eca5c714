/** A tab of the fake browser: its worker's peer, and what it has been told to show. */
import type { Locks } from '../../src/tabs/leadership';
import type { FromTab, ToTab } from '../../src/tabs/messages';
import { Peer, type CoreEvents } from '../../src/tabs/peer';
import { applyPatch, EMPTY_VIEW, type Patch, type ViewState } from '../../src/patches';
import { FakeBrowser } from './fake_browser';
import { FakeCore, FakeDisk } from './fake_core';

/** Resolves once the lock is held, or cannot be. */
function holdForEver(locks: Locks, name: string): Promise<void> {
  return new Promise((resolve) => {
    const held = (): Promise<void> => {
      resolve();
      return new Promise(() => undefined);
    };
    locks.request(name, {}, held).catch(() => resolve());
  });
}

export class FakeTab {
  readonly heard: ToTab[] = [];
  readonly cores: FakeCore[] = [];
  readonly waits: number[] = [];
  view: ViewState<string> = EMPTY_VIEW;
  failStarts = 0;
  startsAfterMs = 0;
  random = 0.5;
  wiped = 0;
  readonly peer: Peer;

  constructor(
    private readonly browser: FakeBrowser,
    disk: FakeDisk,
    readonly id: string,
    version = '1.0.0',
  ) {
    const locks = browser.locksOf(id);
    this.peer = new Peer({
      id,
      version,
      locks,
      channel: browser.channelOf(id),
      lockName: 'core:1',
      ownLockName: `tab:${id}`,
      startCore: (events) => this.startCore(disk, events),
      wipe: async () => {
        this.wiped += 1;
        return true;
      },
      toTab: (message) => this.hear(message),
      showAlive: () => holdForEver(locks, `tab:${id}`),
      watchTab: (tab, gone) => void locks.request(`tab:${tab}`, {}, async () => gone()).catch(() => undefined),
      wait: (ms) => {
        this.waits.push(ms);
        return browser.waitOf(id)(ms);
      },
      nowMs: () => browser.nowMs,
      random: () => this.random,
    });
  }

  async start(): Promise<this> {
    void this.peer.start();
    this.say({ t: 'open', view: 3, kind: 'conversation', chatId: '7' });
    await this.browser.settle();
    return this;
  }
  say(message: FromTab): void {
    this.browser.reach(this.id, () => this.peer.handle(message));
  }
  send(tempId: string, text: string): void {
    this.say({ t: 'command', command: { t: 'send', tempId, chatId: '7', text } });
  }
  get core(): FakeCore {
    return this.cores.at(-1) as FakeCore;
  }
  get leading(): boolean {
    const role = this.heard.filter((message) => message.t === 'role').at(-1);
    return role?.t === 'role' && role.leading;
  }
  count(type: ToTab['t']): number {
    return this.heard.filter((message) => message.t === type).length;
  }

  private async startCore(disk: FakeDisk, events: CoreEvents): Promise<FakeCore> {
    if (this.failStarts > 0) {
      this.failStarts -= 1;
      throw new Error('no start');
    }
    if (this.startsAfterMs > 0) await this.browser.waitOf(this.id)(this.startsAfterMs);
    const core = new FakeCore(disk, events);
    this.cores.push(core);
    return core;
  }

  private hear(message: ToTab): void {
    this.heard.push(message);
    if (message.t === 'view') this.view = applyPatch(this.view, JSON.parse(message.json) as Patch, String);
  }
}

export async function world(count: number): Promise<{ browser: FakeBrowser; disk: FakeDisk; tabs: FakeTab[] }> {
  const browser = new FakeBrowser();
  const disk = new FakeDisk();
  const tabs: FakeTab[] = [];
  for (let i = 0; i < count; i += 1) tabs.push(await new FakeTab(browser, disk, `tab-${i}`).start());
  return { browser, disk, tabs };
}
