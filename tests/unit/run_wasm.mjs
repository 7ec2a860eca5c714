// holds: SI4
// The unit tests of shared/ as WebAssembly under Node, beside the native ones: the same test cases
// with as many assertions.
//   node tests/unit/run_wasm.mjs [NATIVE [WASM]]      ends with Catch2's line and `N passed, N failed`
// NATIVE and WASM are the two programs, those of build/debug and build/wasm unless told.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

import { kRoot } from '../support/server.mjs';

const [native, wasm] = [
  resolve(process.argv[2] ?? join(kRoot, 'build/debug/tests/bin/godwit_unit')),
  resolve(process.argv[3] ?? join(kRoot, 'build/wasm/tests/bin/godwit_unit.cjs')),
];

function run(program, words) {
  const [command, ...args] = program.endsWith('.cjs') ? [process.execPath, program] : [program];
  return spawnSync(command, [...args, '--use-colour', 'no', ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
}

const names = (program) => run(program, ['--list-test-names-only']).stdout.trim().split('\n').sort();
const assertions = (output) => Number(/(\d+) assertions? in/.exec(output)?.[1] ?? /assertions:\s*(\d+)/.exec(output)?.[1]);

const on_wasm = run(wasm, []);
process.stdout.write(on_wasm.stdout + on_wasm.stderr);
const on_native = run(native, []);

let failed = on_wasm.status === 0 ? 0 : 1;
const only = (those, others) => those.filter((name) => !others.includes(name));
const [native_names, wasm_names] = [names(native), names(wasm)];
for (const name of only(native_names, wasm_names)) console.log(`runs natively alone: ${name}`);
for (const name of only(wasm_names, native_names)) console.log(`runs as WebAssembly alone: ${name}`);
const same_names = native_names.length > 0 && native_names.join('\n') === wasm_names.join('\n');
const [native_count, wasm_count] = [assertions(on_native.stdout), assertions(on_wasm.stdout)];
const same = same_names && native_count === wasm_count;
console.log(`${native_names.length} test cases: ${native_count} assertions natively, ${wasm_count} as WebAssembly`);
if (on_wasm.status === 0) console.log(`${same ? 1 : 0} passed, ${same ? 0 : 1} failed`);
if (!same) failed = 1;
process.exit(failed);
