// Debian's Chromium under our control: a profile that outlives the process, what every page records
// about itself from its first moment on, and an end by SIGKILL.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { kill_group } from '../support/process_group.mjs';
import { scratch_folder } from '../support/server.mjs';

// Three browsers beside each other on two slow cores may take a while for one step; a step that takes
// longer than this hangs.
const kStepMsMax = 180_000;

const kFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export const new_profile = () => scratch_folder('profile');

/**
 * A browser on `profile`. Every page keeps `window.seen`: per message the statuses it has shown, in
 * order; policy violations; and the sum of layout shifts that no input explains. `worker_prelude` is
 * run in the app's worker before its own code.
 */
export async function launch(profile, { worker_prelude, ...options } = {}) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: kFlags,
    viewport: { width: 1100, height: 780 },
    locale: 'en-GB',
    timeout: kStepMsMax,
    // A worker that comes from here, not over the network, has no address: Chromium takes it for one of the
    // public Internet, and refuses it sockets to this machine without asking anybody.
    ...(worker_prelude === undefined ? {} : { permissions: ['local-network-access'] }),
    ...options,
  });
  const closed = new Promise((resolve) => context.once('close', resolve));
  const { pid, lock } = process_of(profile);
  await prepare(context);
  if (worker_prelude !== undefined) await context.route(/\/assets\/worker-.*\.js$/, (route) => prepend(route, worker_prelude));
  return {
    context,
    pid,
    /** As a power cut would end it. */
    async kill() {
      await kill_group(pid);
      await closed;
      rmSync(lock, { force: true });
    },
    close: () => context.close(),
  };
}

/**
 * A browser whose tabs are hidden when another is in front, as a person's are, and may then be frozen:
 * Playwright's own browsers take every tab for looked at. `freeze(page)` stops a hidden page and its
 * workers until `thaw(page)`.
 */
export async function launch_with_real_tabs(profile) {
  const words = [...kFlags, '--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, '--window-size=1100,780', 'about:blank'];
  const child = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const address = await new Promise((resolve, reject) => {
    let said = '';
    child.once('exit', (code) => reject(new Error(`the browser ended with ${code}: ${said}`)));
    child.stderr.on('data', (bytes) => {
      said = (said + bytes).slice(-10_000);
      const found = /^DevTools listening on (ws:\S+)/m.exec(said);
      if (found) resolve(found[1]);
    });
  });
  const browser = await chromium.connectOverCDP(address, { noDefaults: true });
  const context = browser.contexts()[0];
  await prepare(context);
  const { pid } = process_of(profile);
  const frozen = new Map(); // page -> the session that froze it: with its end the page would go on
  return {
    context,
    pid,
    async freeze(page) {
      const session = await context.newCDPSession(page);
      frozen.set(page, session);
      await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    },
    async thaw(page) {
      await frozen.get(page).send('Page.setWebLifecycleState', { state: 'active' });
    },
    async close() {
      await browser.close();
      await kill_group(pid);
    },
  };
}

async function prepare(context) {
  context.setDefaultTimeout(kStepMsMax);
  await context.addInitScript(observe);
}

// Chromium names its process in the profile's lock: a link to "host-pid".
function process_of(profile) {
  const lock = join(profile, 'SingletonLock');
  return { lock, pid: Number(/-(\d+)$/.exec(readlinkSync(lock))[1]) };
}

async function prepend(route, prelude) {
  const response = await route.fetch();
  const headers = { ...response.headers() };
  delete headers['content-encoding'];
  delete headers['content-length'];
  await route.fulfill({ status: 200, headers, body: `${prelude}\n${await response.text()}` });
}

/** Whether the browser, which has ended, has written down who is signed in. */
export function session_on_disk(profile) {
  const cookies = join(profile, 'Default', 'Cookies');
  const storage = join(profile, 'Default', 'Local Storage', 'leveldb');
  const holds = (path, word) => existsSync(path) && readFileSync(path).includes(word);
  return (
    (holds(cookies, 'godwit_session') || holds(`${cookies}-journal`, 'godwit_session')) &&
    readdirSync(storage).some((name) => holds(join(storage, name), 'godwit.account'))
  );
}

// Runs in every page before anything of the app does.
function observe() {
  const seen = { statuses: {}, violations: [], shift: 0, shifts: [] };
  window.seen = seen;
  const note = (element) => {
    const { message, status } = element.dataset;
    if (message === undefined || status === undefined) return;
    const list = (seen.statuses[message] ??= []);
    if (list.at(-1) !== status) list.push(status);
  };
  const note_all = (node) => {
    if (!(node instanceof HTMLElement)) return;
    if (node.matches('[data-message]')) note(node);
    for (const element of node.querySelectorAll('[data-message]')) note(element);
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === 'attributes') note_all(change.target);
      for (const node of change.addedNodes) note_all(node);
    }
  }).observe(document, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['data-status', 'data-message'],
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    seen.violations.push(`${event.violatedDirective}: ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      seen.shift += entry.value;
      seen.shifts.push({
        value: entry.value,
        what: entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? String(node?.textContent).slice(0, 40)),
      });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
