/**
 * The smallest test harness that serves: `test(title, body)` registers, `runAll()` runs in order,
 * prints a line per test and returns the counts. A test that does not finish in ten minutes hangs, and fails.
 */
const registered = [];

export function test(title, body) {
  registered.push({ title, body });
}

function withLimit(promise, limitMs) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${limitMs} ms`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export async function runAll(filter) {
  let passed = 0;
  let failed = 0;
  for (const { title, body } of registered.splice(0)) {
    if (filter && !title.includes(filter)) continue;
    try {
      await withLimit(Promise.resolve().then(body), 600_000);
      passed += 1;
      console.log(`ok    ${title}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${title}\n      ${String(error?.stack ?? error).replaceAll('\n', '\n      ')}`);
    }
  }
  return { passed, failed };
}
