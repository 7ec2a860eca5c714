// What the stories share: one server behind a network that can be cut, people by the interface, and
// browsers that are closed whatever becomes of the story.
import { join } from 'node:path';

import { within } from '../support/checks.mjs';
import { start_proxy } from '../support/proxy.mjs';
import { kRoomy, kRoot, start_server } from '../support/server.mjs';
import { App } from './app.mjs';
import { launch, launch_with_real_tabs, new_profile } from './browser.mjs';

const kStoryMsMax = 600_000; // a hang, not a speed
let people_made = 0;

export class Stage {
  static async open() {
    const stage = new Stage();
    stage.server = await start_server({ web: join(kRoot, 'web/dist'), flags: kRoomy });
    stage.network = await start_proxy(stage.server.port);
    return stage;
  }

  get origin() {
    return this.network.origin;
  }

  /** A name that nobody else has, and what is needed to sign up with it. */
  someone(displayName) {
    people_made += 1;
    const username = `${displayName.toLowerCase().replace(/[^a-z]/g, '') || 'person'}${people_made}`;
    return { username, displayName: `${displayName} ${people_made}`, password: 'eleven days over open sea' };
  }

  /** Runs `story` with a way to get browsers; after it they are closed and the network is whole. */
  async with_browsers(story) {
    const open = [];
    const browse = async (profile = new_profile(), { real_tabs = false, ...options } = {}) => {
      const browser = real_tabs ? await launch_with_real_tabs(profile) : await launch(profile, options);
      open.push(browser);
      return browser;
    };
    try {
      await within(story(browse), 'the story', kStoryMsMax);
    } finally {
      await Promise.all(open.map((browser) => browser.close().catch(() => {})));
      await this.network.restore();
    }
  }

  /** A browser with one page, its person signed up. */
  async newcomer(browse, displayName, { profile = new_profile(), ...options } = {}) {
    const person = this.someone(displayName);
    const browser = await browse(profile, options);
    const app = await App.open(browser.context, this.origin);
    await app.sign_up(person);
    return { person, profile, browser, app };
  }

  /** Two newcomers with an open chat between them. */
  async pair(browse, options = {}) {
    const [ana, ben] = await Promise.all([
      this.newcomer(browse, 'Ana', options),
      this.newcomer(browse, 'Ben', options),
    ]);
    await ana.app.start_chat_with(ben.person);
    // Found from either side it is the same chat.
    await ben.app.start_chat_with(ana.person);
    return { ana, ben, chatId: ana.app.chat_id() };
  }

  async close() {
    await this.network.close();
    return this.server.stop();
  }
}

/** Whether `part` stands in `whole` in this order, other things between. */
export function in_order(part, whole) {
  let at = 0;
  for (const item of whole) if (item === part[at]) at += 1;
  return at === part.length;
}
