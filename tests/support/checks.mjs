// The smallest runner that our outer tests need: named checks, one after the other, counted, with
// the closing line that scripts/test reads. Only names that contain a word of the command line run,
// when there is one.
import { setTimeout as delay } from 'node:timers/promises';

// Looked at when the first check runs: until then a runner takes its own flags and their values out.
const chosen = () => process.argv.slice(2).filter((word) => !word.startsWith('-'));
let passed = 0;
let failed = 0;

export async function check(title, body) {
  if (chosen().length > 0 && !chosen().some((word) => title.includes(word))) return;
  const started = performance.now();
  try {
    await body();
    passed += 1;
    console.log(`ok      ${title} (${Math.round(performance.now() - started)} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${title}\n${indented(error?.stack ?? String(error))}`);
  }
}

/** Prints the closing line and ends the process; whatever is still open ends with it. */
export function close() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

/** Fails with `what` should `promise` hang; no measure of speed. */
export async function within(promise, what, ms_max = 120_000) {
  const stop = new AbortController();
  const hung = delay(ms_max, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new Error(`hung: ${what}`);
  });
  hung.catch(() => {});
  try {
    return await Promise.race([promise, hung]);
  } finally {
    stop.abort();
  }
}

const indented = (text) => text.split('\n').map((line) => `        ${line}`).join('\n');
