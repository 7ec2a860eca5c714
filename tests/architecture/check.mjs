// holds: SI7 SI20
// Holds the checkout against the rules of rules.mjs, then the rules against made-up offenders.
//   node tests/architecture/check.mjs      ends with `N passed, N failed`
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { kRules } from './rules.mjs';
import { kOffenders } from './offenders.mjs';
import { missing_from_list } from './storage_places.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const kSkipped = new Set(['node_modules', 'dist', 'dev-dist', 'build', 'data', '.git']);

function* files_below(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (kSkipped.has(entry.name) || entry.name.startsWith('.scratch-')) continue; // built by tests that run
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files_below(path);
    else if (/\.(h|cpp|inc|ts|tsx|mjs|js)$/.test(entry.name)) yield path;
  }
}

let passed = 0;
let failed = 0;
function report(ok, title, details = []) {
  if (ok) passed += 1;
  else failed += 1;
  if (!ok) console.log(`FAILED ${title}\n${details.map((line) => `  ${line}`).join('\n')}`);
}

const files = ['shared', 'server', 'wasm-core', 'web', 'tests'].flatMap((folder) =>
  [...files_below(join(root, folder))].map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') })),
);

for (const rule of kRules) {
  const held = files.filter(rule.applies);
  const wrong = held.flatMap((file) => rule.find(file).map(({ line, what }) => `${file.path}:${line}: ${what}`));
  // A rule that looked at nothing has shown nothing.
  if (held.length === 0) wrong.push('no file to hold against it');
  report(wrong.length === 0, rule.title, wrong);
}

const text_of = (path) => files.find((file) => file.path === path)?.text;
report(missing_from_list(text_of).length === 0, 'a test dies at each listed place to store', missing_from_list(text_of));

for (const { rule, path, text, caught } of kOffenders) {
  const { applies, find } = kRules.find(({ title }) => title === rule);
  const found = applies({ path, text }) ? find({ path, text }) : [];
  report(found.length === (caught ? 1 : 0), `${rule}: ${caught ? 'catches' : 'lets pass'} ${JSON.stringify(text)} in ${path}`);
}

// The list of places, on rows that name what is not there.
const made_up = new Map([['a.ts', ''], ['a.test.mjs', "test('[SI7] dies', () => 1);\n// is told in a comment\n"]]);
for (const [deaths, path, wrong] of [
  [[['a.test.mjs', 'dies']], 'a.ts', 0],
  [[['a.test.mjs', 'dies']], 'b.ts', 1],
  [[['a.test.mjs', 'is told']], 'a.ts', 1],
  [[['b.test.mjs', 'dies']], 'a.ts', 1],
  [[], 'a.ts', 1],
]) {
  const found = missing_from_list((name) => made_up.get(name), [{ path, writes: [], deaths }]);
  report(found.length === wrong, `the list of places with ${JSON.stringify(deaths)} of ${path}`, found);
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
