// holds: SI21 SI22
// Style that a formatter cannot see, the formatter's own word, and the bond of spec and tests:
//   files under 500 lines, C++ functions under 40 (test cases under 60), those of the web app, of the
//   typed client and of its tests under 40, headers that open with their purpose, no left-over markers,
//   shell scripts that parse, clang-format leaves nothing to do;
//   every rule of docs/sync-spec.md is held by a test, every test cites a rule that stands there once.
//   node tests/lint/check.mjs      ends with `N passed, N failed`
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { spec_self_checks } from './spec_offenders.mjs';
import { missing_tests } from './named_tests.mjs';
import { script_self_checks } from './script_offenders.mjs';
import { long_script_functions } from './script_functions.mjs';
import { is_test_file, spec_faults } from './spec_rules.mjs';
import { long_functions, opens_with_purpose, unfinished_words } from './text_rules.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const kSkipped = new Set(['node_modules', 'dist', 'dev-dist', 'build', 'data', '.git']);
const kFileLinesMax = 500;

function* files_below(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (kSkipped.has(entry.name) || entry.name.startsWith('.scratch-')) continue; // built by tests that run
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files_below(path);
    else yield path;
  }
}

const paths = ['shared', 'server', 'wasm-core', 'web', 'tests', 'scripts', '.ci'].flatMap((folder) => [
  ...files_below(join(root, folder)),
]);
const is_cpp = (path) => /\.(h|cpp)$/.test(path);
const is_script = (path) => /\/(web\/src|wasm-core\/(src|tests))\/.*\.tsx?$/.test(path);
const is_code = (path) => is_cpp(path) || /\.(ts|tsx|mjs|js|css|cmake)$/.test(path);
const is_shell = (path) => readFileSync(path, 'latin1').startsWith('#!/usr/bin/env bash') || path.endsWith('.sh');
const own_rules = (path) => path.includes('tests/lint/');
const text_of = (path) => readFileSync(path, 'utf8');

let passed = 0;
let failed = 0;
function report(title, wrong) {
  if (wrong.length === 0) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`FAILED ${title}\n${wrong.map((line) => `  ${line}`).join('\n')}`);
}

function each(chosen, find) {
  return chosen.flatMap((path) => find(text_of(path), path).map((what) => `${relative(root, path)}${what}`));
}

report(
  `files have at most ${kFileLinesMax} lines`,
  each(paths.filter(is_code), (text) => {
    const lines = text.split('\n').length - 1;
    return lines > kFileLinesMax ? [`: ${lines} lines`] : [];
  }),
);
report('C++ functions are short', each(paths.filter(is_cpp), (text, path) => long_functions(text, path.includes('/tests/') ? 60 : 40)));
report('TypeScript functions are short', each(paths.filter(is_script), (text, path) => long_script_functions(text, path, 40)));
report('headers open with their purpose', each(paths.filter((path) => path.endsWith('.h')), opens_with_purpose));
report('nothing is marked as unfinished', each(paths.filter((path) => is_code(path) && !own_rules(path)), unfinished_words));
report(
  'shell scripts parse',
  paths
    .filter(is_shell)
    .map((path) => ({ path, run: spawnSync('bash', ['-n', path], { encoding: 'utf8' }) }))
    .filter(({ run }) => run.status !== 0)
    .map(({ path, run }) => `${relative(root, path)}: ${run.stderr.trim()}`),
);

const format = spawnSync('clang-format', ['--dry-run', '-Werror', ...paths.filter(is_cpp)], { encoding: 'utf8', maxBuffer: 1 << 28 });
report(
  'clang-format leaves nothing to do',
  format.error
    ? [`clang-format: ${format.error.message}`]
    : [...new Set([...format.stderr.matchAll(/^(\S+?):\d+:\d+: error/gm)].map((found) => relative(root, found[1])))],
);

const kSpec = 'docs/sync-spec.md';
const test_files = paths
  .map((path) => ({ path: relative(root, path), file: path }))
  .filter(({ path }) => is_test_file(path))
  .map(({ path, file }) => ({ path, text: text_of(file) }));
const spec = spec_faults(kSpec, text_of(join(root, kSpec)), test_files);
report('every rule has a test', spec.untested);
report('every cited rule is defined', spec.unknown);
report('every test cites a rule', spec.silent);
report('every rule is defined once', spec.twice);

const named_in = 'tests/e2e/README.md';
const text_at = (path) => (existsSync(join(root, path)) ? text_of(join(root, path)) : undefined);
report('tests that a page names are there', missing_tests(text_at(named_in), text_at).map((what) => `${named_in}${what}`));

// The rules themselves, on texts that break them.
const long_body = `int f() {\n${'  g();\n'.repeat(40)}}\n`;
report('a long function is found', long_functions(long_body, 40).length === 1 ? [] : ['it was not']);
report('a short function is let pass', long_functions('int f() {\n  g();\n}\n', 40).length === 0 ? [] : ['it was not']);
report('a long class is no long function', long_functions(`class A {\n${'  int f();\n'.repeat(60)}};\n`, 40).length === 0 ? [] : ['it was']);
for (const { title, wrong } of script_self_checks()) report(title, wrong);
report('a named test that is not there is found', missing_tests('| 1 | case | `a.mjs` | "b" |', () => "test('c'").length === 1 ? [] : ['it was not']);
report('a header without purpose is found', opens_with_purpose('#pragma once\n').length === 1 ? [] : ['it was not']);
report('a left-over marker is found', unfinished_words('// TO' + 'DO: later\n').length === 1 ? [] : ['it was not']);
for (const { title, wrong } of spec_self_checks()) report(title, wrong);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
