/**
 * People in real Chromium against a real server. They share one browser; each has a host name of her
 * own (`ana7.localhost`, which browsers take for secure), so that nobody shares cookies, databases,
 * locks or a process with anybody, and a network of her own that can be cut or deafened.
 */
import { fileURLToPath } from 'node:url';
import { Person } from '../../../tests/support/person.mjs';
import { launch, newProfile } from './chromium.mjs';
import { startServer, startSite } from './site.mjs';

const pageFolder = fileURLToPath(new URL('../page/', import.meta.url));
const PASSWORD = 'correct horse battery';

let open;

/** The one that the running suite has opened. */
export const town = () => open;

export async function setUp(parts) {
  open = await Town.open(parts);
}

export async function tearDown() {
  await open?.close();
}

class Town {
  static async open({ dist, server: binary }) {
    const town = new Town();
    town.folders = [dist, pageFolder];
    town.server = await startServer(binary, dist, { roomy: true });
    town.profile = await newProfile();
    town.browser = await launch(town.profile);
    town.people = 0;
    town.sites = [];
    const origin = `http://127.0.0.1:${town.server.port}`;
    town.peer = await Person.register(origin, 'peer', 'The peer', PASSWORD);
    return town;
  }

  async close() {
    await this.browser?.close();
    await this.profile?.remove();
    for (const site of this.sites) await site.close();
    await this.server?.stop();
  }

  /**
   * Somebody new with one tab, signed in, and a chat with the peer. `prelude` is a function that runs
   * in each of her workers before its own code, `beforePage` one that runs in each of her pages;
   * `quotaBytes` is what her origin may store.
   */
  async newcomer(options = {}) {
    this.people += 1;
    const username = `ana${this.people}`;
    const site = await startSite(this.folders, this.server.port);
    this.sites.push(site);
    const ana = new Resident(this, `http://${username}.localhost:${new URL(site.origin).port}`, site, options);
    ana.page = await ana.openTab();
    ana.userId = (await ana.page.evaluate(([name, password]) =>
      window.godwit.register({ username: name, displayName: `The ${name}`, password }), [username, PASSWORD])).userId;
    await ana.synced();
    ana.chatId = await ana.page.evaluate((peer) => window.godwit.startDirect(peer), this.peer.userId);
    return ana;
  }
}

class Resident {
  constructor(town, origin, site, { prelude, beforePage, quotaBytes }) {
    Object.assign(this, { town, origin, site, beforePage, quotaBytes });
    this.changeScripts({ prelude });
  }

  /** A tab with the client in it. `search`: client_page.js says what it knows. */
  async openTab({ search = '' } = {}) {
    const page = await this.town.browser.context.newPage();
    if (this.beforePage) await page.addInitScript(this.beforePage);
    if (this.quotaBytes !== undefined) await this.setQuota(this.quotaBytes, page);
    await page.goto(`${this.origin}/client.html${search}`);
    await page.waitForFunction(() => window.ready === true);
    return page;
  }

  /** For pages and workers that start from now on. `rewrite(path, text)` changes a script's text. */
  changeScripts({ prelude, rewrite = (path, text) => text } = {}) {
    this.site.changeFiles((path, bytes) => {
      if (!path.endsWith('.js')) return bytes;
      const text = rewrite(path, bytes.toString());
      return prelude !== undefined && path === 'worker.js' ? `(${prelude})();\n${text}` : text;
    });
  }

  /** Undefined: as much as there is. A running origin notices a smaller quota only after a while. */
  async setQuota(quotaSize, page = this.page) {
    this.quotaSession ??= await this.town.browser.context.newCDPSession(page);
    await this.quotaSession.send('Storage.overrideQuotaForOrigin', { origin: `${this.origin}/`, quotaSize });
  }

  /** A document of her origin in which nothing runs: to look at what is stored, and to harm it. */
  async openBare() {
    const page = await this.town.browser.context.newPage();
    await page.goto(`${this.origin}/storage_records.js`);
    await page.addScriptTag({ url: `${this.origin}/storage_records.js`, type: 'module' });
    await page.waitForFunction(() => window.records !== undefined);
    return page;
  }

  /** Closes the tab. Resolves once its worker is gone as well, as `bare` sees it: until then it may write. */
  async closeTab(bare) {
    await this.page.close();
    await bare.evaluate(async () => {
      while ((await navigator.locks.query()).held.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    });
  }

  async reload(page = this.page) {
    await page.reload();
    await page.waitForFunction(() => window.ready === true);
  }

  synced(page = this.page) {
    return page.evaluate(() => until(() => window.godwit.app.get().connection.synced));
  }

  send(text, page = this.page) {
    return page.evaluate(([chat, words]) => { window.godwit.send(chat, words); }, [this.chatId, text]);
  }

  /** Resolves once the chat's items are exactly these texts, each in one of the states. */
  async shows(texts, states, page = this.page) {
    await page.evaluate(([chat, wanted, allowed]) => until(() => {
      const found = window.items(chat);
      return found.length === wanted.length && found.every(([text, status], i) => text === wanted[i] && (!allowed || allowed.includes(status)));
    }), [this.chatId, texts, states]);
  }

  statuses(page = this.page) {
    return page.evaluate((chat) => window.items(chat).map(([, status]) => status), this.chatId);
  }

  app(page = this.page) {
    return page.evaluate(() => window.godwit.app.get());
  }

  /** Sets switches in `self.faults` of her workers, whose prelude listens; resolves once `workers` have them. */
  setFaults(faults, { page = this.page, workers = 1 } = {}) {
    return page.evaluate(([change, count]) => new Promise((resolve) => {
      const channel = new BroadcastChannel('faults');
      let answers = 0;
      channel.onmessage = ({ data }) => {
        if (data !== 'set') return;
        answers += 1;
        if (answers === count) { channel.close(); resolve(); }
      };
      channel.postMessage(change);
    }), [faults, workers]);
  }

  offline() {
    this.site.let({ api: false, ws: false });
  }
  async online(page = this.page) {
    this.site.let({ api: true, ws: true });
    await page.evaluate(() => window.godwit.reconnectNow());
  }

  /** What the server has of the chat, in its order. */
  async onServer() {
    const history = await this.town.peer.history(this.chatId);
    return history.filter(({ content }) => content?.type === 'text').map(({ content }) => content.text);
  }

  async end() {
    for (const page of this.town.browser.context.pages()) {
      if (page.url().startsWith(this.origin)) await page.close();
    }
  }
}
