/**
 * The dedicated worker of each tab: the only wiring of the core's parts to a real browser. Starts on
 * the tab's `start`, serves one account, and ends with it.
 */
import { createCore, wasmUrl } from './core_wasm';
import { CoreHost } from './core/host';
import { browserNetwork } from './core/browser_network';
import { ModuleLoader } from './core/module';
import { probeStorage, ruledOut, wipeStorage } from './core/storage';
import { browserChannel } from './tabs/browser_channel';
import { leaderLock, type Locks } from './tabs/leadership';
import type { FromTab, ToTab } from './tabs/messages';
import { Peer, type CoreEvents, type LeadingCore } from './tabs/peer';
import { randomUuid } from './uuid';

/** The part of DedicatedWorkerGlobalScope that is used here. */
interface WorkerScope {
  postMessage(message: ToTab): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<FromTab>) => void): void;
  readonly isSecureContext: boolean;
  readonly indexedDB?: IDBFactory;
}
const scope = self as unknown as WorkerScope;

// A base keeps the clock's first reading well above zero; only differences matter.
const CLOCK_BASE_MS = 1_000_000;
const DRAWN_MS_MAX = 500;
const clock = {
  nowMs: () => CLOCK_BASE_MS + performance.now(),
  wallMs: () => Date.now(),
};

// Marks on the timeline, for tests/bench: how long each phase of a start takes.
const mark = (phase: string): void => void performance.mark(`godwit:${phase}`);

mark('evaluated');
// Takes long, and begins before anybody says what for.
const loader = new ModuleLoader(createCore, wasmUrl);
loader.prepareCode();

function surroundings(): { secure: boolean; indexedDB: IDBFactory | undefined } {
  let factory: IDBFactory | undefined;
  try {
    factory = scope.indexedDB;
  } catch {
    factory = undefined; // reading it throws where site data is blocked
  }
  return { secure: scope.isSecureContext, indexedDB: factory };
}

async function startCore(start: Extract<FromTab, { t: 'start' }>, events: CoreEvents): Promise<LeadingCore> {
  mark('leads');
  const diagnostic = (line: string): void => events.onReport(JSON.stringify({ event: 'core_says', line: line.slice(0, 200) }));
  const seed = crypto.getRandomValues(new Uint32Array(2));
  const host = new CoreHost({
    module: loader.start(diagnostic),
    account: start.account,
    coreVersion: start.version,
    network: browserNetwork(start.origin),
    clock,
    events,
    mark,
    memoryReason: ruledOut(surroundings()),
    probe: () => probeStorage(surroundings()),
    seed: [seed[0] ?? 1, seed[1] ?? 1],
  });
  try {
    await host.start();
  } catch (error) {
    host.dispose();
    throw error;
  }
  mark('started');
  // Later: after whoever waits for this core has joined it, and been shown what it has.
  setTimeout(() => void picture.drawn().then(() => host.loadHistory()), 0);
  return host;
}

/**
 * Whether the tab has drawn what it was sent so far. A hidden one draws nothing, a busy one late: it is
 * waited for no longer than DRAWN_MS_MAX.
 */
const picture = {
  answered: (): void => undefined,
  drawn(): Promise<void> {
    mark('shown');
    return new Promise((resolve) => {
      setTimeout(resolve, DRAWN_MS_MAX);
      this.answered = resolve;
      scope.postMessage({ t: 'draw' });
    });
  },
};

const tabLock = (id: string): string => `tab:${id}`;

/** Where locks exist, each tab holds one of its own name for as long as it lives. Resolves once it does. */
function holdTabLock(locks: Locks, id: string): Promise<void> {
  return new Promise((resolve) => {
    const held = (): Promise<void> => {
      resolve();
      return new Promise(() => undefined);
    };
    locks.request(tabLock(id), {}, held).catch(() => resolve());
  });
}

function makePeer(start: Extract<FromTab, { t: 'start' }>): Peer {
  const { userId } = start.account;
  const id = randomUuid();
  const locks: Locks | undefined =
    scope.isSecureContext && 'locks' in navigator ? (navigator.locks as unknown as Locks) : undefined;
  const watched = new Set<string>();
  return new Peer({
    id,
    version: start.version,
    locks,
    channel: locks === undefined ? undefined : browserChannel(`core:${userId}`),
    lockName: leaderLock(userId),
    ownLockName: tabLock(id),
    startCore: (events) => startCore(start, events),
    wipe: () => wipeStorage(surroundings().indexedDB, userId),
    toTab: (message) => scope.postMessage(message),
    showAlive: () => (locks === undefined ? Promise.resolve() : holdTabLock(locks, id)),
    watchTab: (tab, gone) => {
      if (locks === undefined || watched.has(tab)) return;
      watched.add(tab);
      locks
        .request(tabLock(tab), {}, () => {
          watched.delete(tab);
          gone();
          return Promise.resolve();
        })
        .catch(() => undefined);
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    nowMs: clock.nowMs,
    random: Math.random,
  });
}

let peer: Peer | undefined;

scope.addEventListener('message', (event) => {
  const message = event.data;
  if (message.t === 'drawn') {
    picture.answered();
  } else if (message.t !== 'start') {
    peer?.handle(message);
  } else if (peer === undefined) {
    peer = makePeer(message);
    void peer.start();
    loader.prepareGlue(); // while the place is asked for
  }
});
