// Looks at every screen of the interface over an invented world, light and dark, phone and desktop, and
// fails if anything on the way shifted the layout. Needs `npm run dev` at GODWIT_WEB (default
// http://localhost:5173). Pictures go to the folder given, or test-results/shots.
import { mkdirSync } from 'node:fs';

import { launch } from './browser.mjs';

const base = process.env.GODWIT_WEB ?? 'http://localhost:5173';
const out = process.argv[2] ?? '../test-results/shots';
const only = process.argv[3] ?? '';
mkdirSync(out, { recursive: true });

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

const SHOTS = [
  { name: 'signin', query: '?out' },
  {
    name: 'signup',
    query: '?out',
    act: async (page) => {
      await page.getByRole('button', { name: /Create an account/ }).click();
      await page.getByRole('button', { name: /invitation/ }).click();
    },
  },
  { name: 'list', query: '' },
  { name: 'empty', query: '?empty' },
  { name: 'direct', query: '#/c/8001' },
  { name: 'group', query: '#/c/8002' },
  { name: 'states', query: '#/c/8003' },
  { name: 'awkward', query: '#/c/8004' },
  { name: 'long', query: '#/c/8005' },
  { name: 'fresh', query: '#/c/8008' },
  { name: 'settings', query: '#/settings' },
  {
    name: 'find',
    query: '#/find',
    act: async (page) => {
      await page.locator('.people__field').fill('ar');
      await page.locator('.person').nth(1).waitFor();
    },
  },
  {
    name: 'group-new',
    query: '#/find',
    act: async (page) => {
      await page.getByRole('button', { name: 'New group' }).click();
      await page.locator('.people__field').fill('an');
      await page.locator('.person').first().click();
    },
  },
  {
    name: 'notices',
    query: '#/c/8001',
    act: (page) =>
      page.evaluate(() => {
        window.fakeClient.setApp({
          connection: { state: 'offline', synced: false, retryAt: Date.now() + 12_500 },
          storage: { state: 'memory', reason: 'insecure' },
        });
        window.fakeClient.setConversation('8001', {
          typing: [{ userId: '7302', name: 'ნინო ჯავახიშვილი' }],
        });
      }),
  },
  {
    name: 'live',
    query: '#/c/8001',
    act: async (page) => {
      await page.evaluate(async () => {
        const fake = window.fakeClient;
        const frame = () => new Promise((done) => setTimeout(done, 60));
        const typing = (on) => {
          fake.setConversation('8001', { typing: on ? [{ userId: '7302', name: 'ნინო' }] : [] });
          fake.setRow('8001', { typing: on ? ['ნინო'] : [] });
        };
        const arrive = (chatId, localId, seq) =>
          fake.arrive(chatId, {
            localId,
            seq,
            senderId: '7302',
            senderName: 'ნინო',
            own: false,
            text: 'კიდევ ერთი ხაზი',
            time: Date.now(),
            status: 'delivered',
          });
        const id = fake.send('8001', 'A line on its way');
        for (const status of ['queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'read']) {
          await frame();
          fake.setStatus('8001', id, status, status === 'failed' ? 'forbidden' : undefined);
        }
        for (let round = 0; round < 3; round += 1) {
          typing(true);
          await frame();
          typing(false);
          arrive('8001', `live-${round}`, 100 + round);
          await frame();
          arrive(round === 1 ? '8010' : '8009', `else-${round}`, 100 + round);
          await frame();
        }
        const last = { status: 'offline', lastSeen: Date.now() - 200_000 };
        fake.setConversation('8001', { presence: last });
        fake.setRow('8001', { presence: last });
        for (const state of ['offline', 'connecting', 'polling', 'online']) {
          fake.setApp({ connection: { state, synced: state === 'online' } });
          await frame();
        }
      });
    },
  },
  {
    name: 'reading-back',
    query: '#/c/8001',
    act: async (page) => {
      await page.locator('.messages__scroll').evaluate((element) => (element.scrollTop = -260));
      await page.waitForTimeout(100);
      await page.evaluate(() => {
        for (const id of ['n1', 'n2', 'n3']) {
          window.fakeClient.arrive('8001', {
            localId: id,
            seq: 90 + Number(id[1]),
            senderId: '7302',
            senderName: 'ნინო',
            own: false,
            text: 'კიდევ ერთი',
            time: Date.now(),
            status: 'delivered',
          });
        }
      });
      await page.waitForTimeout(200);
    },
  },
];

const browser = await launch();
let shifted = 0;
for (const [sizeName, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({
      viewport,
      colorScheme,
      deviceScaleFactor: 1,
      reducedMotion: 'reduce',
    });
    for (const { name, query, act } of SHOTS) {
      if (only !== '' && !only.split(',').includes(name)) continue;
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.text().startsWith('shifted'))
          console.log(`${name}: ${message.text()}`);
      });
      page.on('pageerror', (error) => console.log(`${name}: ${error}`));
      await page.goto(`${base}/fake.html${query}`);
      await page.waitForSelector('#root > *');
      await page.waitForTimeout(300);
      await page.evaluate(() => {
        window.shifts = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            window.shifts.push(entry.value);
            for (const { node } of entry.sources)
              console.log(
                `shifted: ${node?.className ?? `${node?.parentElement?.className}: ${node?.textContent}`}`,
              );
          }
        }).observe({ type: 'layout-shift', buffered: false });
      });
      await act?.(page);
      await page.waitForTimeout(300);
      const sum = await page.evaluate(() => window.shifts.reduce((a, b) => a + b, 0));
      if (sum > 0 && !['signup', 'group-new', 'find'].includes(name)) {
        shifted += 1;
        console.log(`${name} ${sizeName} ${colorScheme}: layout shift ${sum}`);
      }
      await page.screenshot({ path: `${out}/${name}-${sizeName}-${colorScheme}.png` });
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
process.exitCode = shifted > 0 ? 1 : 0;
