// The conformance vectors on all three hosts: natively, as WebAssembly in Node, and in Chromium.
//   node tests/conformance/run.mjs [--native PROGRAM] [--wasm FOLDER] [WORD…]
// PROGRAM and FOLDER are those of build/debug and build/wasm unless told. Ends with `N passed, N failed`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launch, newProfile, serve } from '../../wasm-core/tests/browser/chromium.mjs';
import { check, close } from '../support/checks.mjs';
import { kRoot } from '../support/server.mjs';

const here = dirname(fileURLToPath(import.meta.url));

function argument(name, otherwise) {
  const at = process.argv.indexOf(name);
  return resolve(at > 0 ? process.argv.splice(at, 2)[1] : join(kRoot, otherwise));
}
const native = argument('--native', 'build/debug/tests/bin/godwit_conformance');
const wasm = argument('--wasm', 'build/wasm/tests/bin');
const files = readdirSync(here).filter((name) => name.endsWith('.json')).sort();

function run(program, ...words) {
  const [command, ...args] = program.endsWith('.cjs') ? [process.execPath, program] : [program];
  const { status, stdout, stderr } = spawnSync(command, [...args, ...words], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return { status, text: stdout + stderr };
}
const hashes_of = (text) => text.match(/^[0-9a-f]{16}$/gm) ?? [];
const in_node = join(wasm, 'godwit_conformance.cjs');

const profile = await newProfile();
const site = await serve([join(here, 'page'), wasm]);
const browser = await launch(profile);
const page = await browser.context.newPage();
await page.goto(`${site.origin}/index.html`);
await page.waitForFunction(() => window.ready === true);

const scratch = mkdtempSync(join(tmpdir(), 'godwit-vectors-'));
for (const name of files) {
  const path = join(here, name);
  const { title } = JSON.parse(readFileSync(path, 'utf8'));
  await check(`[SI4] ${name}: ${title}`, async () => {
    const here_natively = run(native, '--hashes', path);
    assert.equal(here_natively.status, 0, here_natively.text);
    const as_wasm = run(in_node, '--hashes', path);
    assert.equal(as_wasm.status, 0, as_wasm.text);
    const in_page = await page.evaluate((text) => window.run_vector(text), readFileSync(path, 'utf8'));
    assert.equal(in_page.outcome, 0, in_page.report);
    assert.ok(hashes_of(here_natively.text).length > 0);
    assert.deepEqual(hashes_of(as_wasm.text), hashes_of(here_natively.text));
    assert.deepEqual(hashes_of(in_page.report), hashes_of(here_natively.text));
  });
  await check(`[SI5] ${name}, recorded with filler, replays to the same hash after every step on both ends`, () => {
    const trace = join(scratch, 'trace.bin');
    const recorded = hashes_of(run(in_node, '--hashes', '--record', trace, path).text);
    for (const program of [native, in_node]) {
      const replayed = run(program, '--replay', trace);
      assert.equal(replayed.status, 0, replayed.text);
      assert.deepEqual(hashes_of(replayed.text), recorded);
    }
  });
}

const whole = readFileSync(join(here, files[0]), 'utf8');
// What is wrong, the vector, and where the message must say so.
const malformed = [
  ['a file that ends early', whole.slice(0, 300), /line \d+, column \d+/],
  ['a brace too many', `${whole}}`, /line \d+, column \d+/],
  ['no object', '[]', /a vector is an object/],
  ['no rules', '{"title": "x", "steps": []}', /\/rules/],
  ['no steps', '{"title": "x", "rules": ["SI4"], "steps": []}', /\/steps/],
  ['a step without a clock', '{"title": "x", "rules": ["SI4"], "steps": [{"event": {"t": "deadline"}}]}', /\/steps\/0\/at/],
  ['an event of no kind', '{"title": "x", "rules": ["SI4"], "steps": [{"at": 1, "event": {"t": "rain"}}]}', /\/steps\/0\/event\/t/],
  [
    'a mount that is none',
    '{"title": "x", "rules": ["SI4"], "steps": [{"at": 1, "event": {"t": "storage", "mount": "attic", "files": []}}]}',
    /\/steps\/0\/event\/mount/,
  ],
  [
    'a flip outside of its file',
    '{"title": "x", "rules": ["SI4"], "steps": [{"at": 1, "event": {"t": "storage", "mount": "hot", "files": [{"name": "s1", "bytes": "abc", "flip": [3]}]}}]}',
    /\/steps\/0\/event\/files\/0\/flip/,
  ],
];
for (const [what, text, place] of malformed) {
  await check(`[SI6] ${what} is told with its place and ends with 2, on each host`, async () => {
    const path = join(scratch, 'malformed.json');
    writeFileSync(path, text);
    for (const program of [native, in_node]) {
      const { status, text: said } = run(program, path);
      assert.equal(status, 2, said);
      assert.match(said, place);
    }
    const in_page = await page.evaluate((given) => window.run_vector(given), text);
    assert.equal(in_page.outcome, 2);
    assert.match(in_page.report, place);
  });
}

await check('[SI6] a folder in place of a vector or a trace is told and ends with 2', () => {
  for (const program of [native, in_node]) {
    for (const words of [[scratch], ['--replay', scratch]]) {
      const { status, text } = run(program, ...words);
      assert.equal(status, 2, text);
      assert.match(text, /cannot be read|no trace/);
    }
  }
});

await check('[SI6] a vector cut or changed at any byte never ends a host otherwise', async () => {
  const outcomes = await page.evaluate((given) => {
    const seen = new Set();
    for (let at = 0; at < given.length; at += 7) {
      seen.add(window.run_vector(given.slice(0, at)).outcome);
      seen.add(window.run_vector(`${given.slice(0, at)}}${given.slice(at + 1)}`).outcome);
    }
    return [...seen].sort();
  }, whole);
  assert.ok(outcomes.includes(2) && outcomes.every((one) => one >= 0 && one <= 2), String(outcomes));
});

await check('[SI4] an answer that is not what is written is shown with its step', () => {
  const path = join(scratch, 'changed.json');
  writeFileSync(path, whole.replace('"protocol":1,"deviceId":"d1"', '"protocol":1,"deviceId":"d2"'));
  const { status, text } = run(native, path);
  assert.equal(status, 1);
  assert.match(text, /step \d+, effect \d+\n {2}expected .*"d2".*\n {2}came .*"d1"/);
});

await browser.close();
await profile.remove();
await site.close();
rmSync(scratch, { recursive: true, force: true });
close();
