// The app as a person uses it, by what is on the screen: roles, labels, and the few attributes that
// the interface promises (`data-message`, `data-status`, `data-testid="composer"`).
export class App {
  constructor(page) {
    this.page = page;
    this.composer = page.getByTestId('composer');
    this.messages = page.locator('[data-message]');
    this.complaints = [];
    page.on('console', (said) => {
      if (said.type() === 'error') this.complaints.push(said.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  static async open(context, origin) {
    const blank = context.pages().find((page) => page.url() === 'about:blank');
    const app = new App(blank ?? (await context.newPage()));
    await app.page.goto(origin);
    return app;
  }

  async sign_up({ username, displayName, password }) {
    const { page } = this;
    await page.getByRole('button', { name: 'New here? Create an account' }).click();
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Your name').fill(displayName);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account', exact: true }).click();
    await this.chats().waitFor();
  }

  async sign_in({ username, password }) {
    const { page } = this;
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await this.chats().waitFor();
  }

  chats() {
    return this.page.getByRole('navigation', { name: 'Your chats' });
  }

  row(title) {
    return this.chats().getByRole('link').filter({ hasText: title });
  }

  async start_chat_with({ username }) {
    const { page } = this;
    await page.getByRole('button', { name: 'Find people' }).first().click();
    await page.getByRole('dialog').getByLabel('Name or user name').fill(username);
    await page.getByRole('dialog').getByRole('button').filter({ hasText: `@${username}` }).click();
    await this.composer.waitFor();
  }

  async open_chat(title) {
    await this.row(title).click();
    await this.composer.waitFor();
  }

  chat_id() {
    return /#\/c\/(\d+)/.exec(this.page.url())?.[1];
  }

  /** Types and presses Enter. Resolves when the composer is empty again. */
  async send(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await this.page.waitForFunction(
      (composer) => (composer.value ?? composer.textContent) === '',
      await this.composer.elementHandle(),
    );
  }

  /** What the conversation shows, top to bottom: [{id, status, text}] of what people wrote. */
  shown() {
    return this.messages.evaluateAll((elements) =>
      elements.map((element) => ({
        id: element.dataset.message,
        status: element.dataset.status,
        text: element.querySelector('[data-testid="message-text"]')?.textContent ?? null,
      })),
    );
  }

  async texts() {
    return (await this.shown()).map(({ text }) => text).filter((text) => text !== null);
  }

  /** Resolves once the messages with these texts are on the screen, each with this status. */
  async until_status(texts, status) {
    await this.page.waitForFunction(
      ([wanted, expected]) => {
        const states = new Map();
        for (const element of document.querySelectorAll('[data-message]')) {
          const text = element.querySelector('[data-testid="message-text"]')?.textContent;
          if (text !== undefined) states.set(text, element.dataset.status);
        }
        return wanted.every((text) => expected.includes(states.get(text)));
      },
      [texts, [status].flat()],
    );
  }

  /** Resolves once exactly these texts are shown, in this order. */
  async until_texts(texts) {
    try {
      await this.page.waitForFunction((expected) => {
        const shown = [...document.querySelectorAll('[data-message] [data-testid="message-text"]')].map((element) => element.textContent);
        return JSON.stringify(shown) === JSON.stringify(expected);
      }, texts);
    } catch (error) {
      throw new Error(`shown: ${JSON.stringify(await this.shown())}\nwanted: ${JSON.stringify(texts)}`, { cause: error });
    }
  }

  /** All statuses that the message with this text has shown on this page, in order. */
  statuses_of(text) {
    return this.page.evaluate((wanted) => {
      const found = [...document.querySelectorAll('[data-message]')].find(
        (element) => element.querySelector('[data-testid="message-text"]')?.textContent === wanted,
      );
      return found ? window.seen.statuses[found.dataset.message] : undefined;
    }, text);
  }

  seen() {
    return this.page.evaluate(() => ({ shift: window.seen.shift, shifts: window.seen.shifts, violations: window.seen.violations }));
  }

  /** Resolves once the service worker has the shell, so that a reload works without a network. */
  shell_kept() {
    return this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
  }
}
