// The simulator as it runs natively and as WebAssembly: the same worlds, byte for byte.
//   node tests/simulation/both_ends.mjs      ends with `N passed, N failed`
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { check, close } from '../support/checks.mjs';

const kRoot = join(dirname(fileURLToPath(import.meta.url)), '../..');
const kNative = join(kRoot, 'build/debug/tests/bin/godwit_simulation');
const kWasm = join(kRoot, 'build/wasm/tests/bin/godwit_simulation.cjs');

const runs_of = (program, ...args) =>
  execFileSync(program, [...args, '--seeds', '1..5', '--digests'], { encoding: 'utf8', cwd: kRoot })
    .split('\n')
    .filter((line) => line.startsWith('seed '));

const refusal_of = (...args) => spawnSync(kNative, args, { encoding: 'utf8', cwd: kRoot });

await check('[SI1] [SI4] a seed is the same run natively and as WebAssembly', () => {
  const native = runs_of(kNative);
  assert.equal(native.length, 5);
  assert.deepEqual(runs_of(process.execPath, kWasm), native);
});

await check('[SI6] an unknown mutation, fault, option or range is refused with what is known, and exit code 2', () => {
  for (const [args, told] of [
    [['--break', 'nothing'], 'gap-ignored'],
    [['--without', 'nothing'], 'power-cut'],
    [['--seeds', '9..1'], 'A <= B'],
    [['--ops', 'many'], 'many'],
    [['--server', 'paper'], 'sqlite'],
    [['--nonsense'], '--seeds A..B'],
  ]) {
    const { status, stderr } = refusal_of(...args);
    assert.equal(status, 2, args.join(' '));
    assert.ok(stderr.includes(told), stderr);
  }
});

await check('[SI6] a file of seeds that is not well-formed is refused with its line', () => {
  const { status, stderr } = refusal_of('--seeds-file', 'README.md');
  assert.equal(status, 2);
  assert.match(stderr, /README\.md:3: /);
});

close();
