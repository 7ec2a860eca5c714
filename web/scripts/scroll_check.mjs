// Scrolls through a chat of 5,000 messages as a person does, checks that no page that loads above moves
// what is being read, and prints how long frames took. Needs `npm run dev` at GODWIT_WEB.
import { launch } from './browser.mjs';

const base = process.env.GODWIT_WEB ?? 'http://localhost:5173';
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
await page.goto(`${base}/fake.html#/c/8005`);
await page.waitForSelector('[data-message]');

const result = await page.evaluate(async () => {
  const scroller = document.querySelector('.messages__scroll');
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shifts.push(entry.value);
  }).observe({ type: 'layout-shift' });
  const rowInView = () =>
    document.elementFromPoint(700, 400)?.closest('[data-message]') ??
    document.elementFromPoint(700, 430)?.closest('[data-message]');
  const frames = [];
  let jumps = 0;
  let count = 0;
  for (let step = 0; step < 4000 && count < 5_000; step += 1) {
    const began = performance.now();
    const row = rowInView();
    const before = row?.getBoundingClientRect().top;
    const scrolled = scroller.scrollTop;
    scroller.scrollTop -= 700;
    const moved = scrolled - scroller.scrollTop;
    await frame();
    await frame();
    if (row && Math.abs(row.getBoundingClientRect().top - before - moved) > 1.5) jumps += 1;
    frames.push((performance.now() - began) / 2);
    count = document.querySelectorAll('[data-message]').length;
  }
  frames.sort((a, b) => a - b);
  const type = [];
  for (let i = 0; i < 20; i += 1) {
    const began = performance.now();
    window.fakeClient.send('8005', `one more ${i}`);
    await frame();
    type.push(performance.now() - began);
  }
  return {
    count,
    jumps,
    shift: shifts.reduce((a, b) => a + b, 0),
    frameMedianMs: frames[Math.floor(frames.length / 2)],
    frameP95Ms: frames[Math.floor(frames.length * 0.95)],
    sendMaxMs: Math.max(...type),
    bottomGap: scroller.scrollTop,
  };
});
console.log(result);
await browser.close();
process.exitCode = result.jumps > 0 || result.count < 5_000 ? 1 : 0;
