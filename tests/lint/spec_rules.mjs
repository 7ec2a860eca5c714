// The spec and the tests hold each other: what docs/sync-spec.md defines, what test titles cite, and
// what is wrong between the two. Pure: check.mjs brings the files.
//
// A test cites a rule by its number in brackets in its title: "[OR1] [DD2] a fact". A program that
// has no titles (it prints its `N passed, N failed` itself, or is a fuzz target) says at the head of
// its file what it holds, `// holds: OR1 DD2`, or in what it reports: REQUIRE_THAT("[OR1] …").

const kRuleId = /\b[A-Z]{2}\d+\b/g;
const kCited = /\[([A-Z]{2}\d+)\]/g;
// What registers a test: Catch2's macros, and the functions of tests/support/checks.mjs,
// wasm-core/tests/harness.mjs and Vitest.
const kCatchTest = /^(?:TEST_CASE|SCENARIO|(?:TEMPLATE_TEST_CASE|TEST_CASE_METHOD)(?:_\w+)?)\s*\(/gm;
const kScriptTests = ['check', 'test', 'it'];
// Prints the closing line by itself.
const kProgram = /\bpassed, (?:%|\$\{)|\bLLVMFuzzerTestOneInput\s*\(/;

const line_at = (text, index) => text.slice(0, index).split('\n').length;

/** The rules that the spec defines, in its order: {id, line}. */
export function rules_of(spec) {
  return [...spec.matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm)].map((found) => ({ id: found[1], line: line_at(spec, found.index) }));
}

/** Whether the file's tests are held against the spec. */
export function is_test_file(path) {
  if (/^web\/src\/.*\.test\.tsx?$/.test(path)) return true;
  if (/^tests\/(support|bench|data)\/|^tests\/lint\/spec_/.test(path)) return false;
  return /^(tests|wasm-core\/tests)\/.*\.(cpp|h|mjs|ts|tsx)$/.test(path);
}

// The text of the literal at `at`, or of several that C++ joins; undefined where there is none.
function literal_at(text, at, joined) {
  const one = /\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`)/y;
  one.lastIndex = at;
  let said;
  for (let found = one.exec(text); found; found = joined ? one.exec(text) : null) {
    said = (said ?? '') + (found[1] ?? found[2] ?? found[3]);
  }
  return said;
}

// Behind the parenthesis that closes the one at `open`.
function after_parenthesis(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

// A file's own functions that hand their first argument on as a title: {name, parameter}.
function wrappers_of(text, tests) {
  const pattern = new RegExp(
    String.raw`\bfunction (\w+)\(\s*(\w+)[^)]*\)[^{]*\{[\s\S]{0,200}?\b(?:${tests.join('|')})\(\s*\2\b`,
    'g',
  );
  return [...text.matchAll(pattern)].map((found) => ({ name: found[1], parameter: found[2] }));
}

// Those of `names` that the file imports: elsewhere the word is another thing's name.
function imported_of(text, names) {
  return names.filter((name) => new RegExp(String.raw`^import \{[^}]*\b${name}\b[^}]*\} from`, 'm').test(text));
}

/** The functions of a file by which other files too may register tests, by name. */
export function registrars_of(text) {
  const imported = imported_of(text, kScriptTests);
  if (imported.length === 0) return [];
  return wrappers_of(text, imported)
    .map(({ name }) => name)
    .filter((name) => new RegExp(String.raw`^export (?:async )?function ${name}\b`, 'm').test(text));
}

function script_titles(text, registrars) {
  const imported = imported_of(text, [...kScriptTests, ...registrars]);
  if (imported.length === 0) return [];
  const wrappers = wrappers_of(text, imported);
  const names = [...imported, ...wrappers.map(({ name }) => name)].join('|');
  const calls = new RegExp(String.raw`^[ \t]*(?:(?:await|void) )?(?:${names})(\.each)?(?=\()`, 'gm');
  const titles = [];
  for (const found of text.matchAll(calls)) {
    const open = found.index + found[0].length;
    const at = found[1] ? text.indexOf('(', after_parenthesis(text, open)) : open;
    const handed_on = wrappers.some(({ parameter }) => new RegExp(String.raw`^\(\s*${parameter}\b`).test(text.slice(at, at + 80)));
    if (!handed_on) titles.push({ line: line_at(text, found.index), title: literal_at(text, at + 1, false) });
  }
  return titles;
}

function catch_titles(text) {
  return [...text.matchAll(kCatchTest)].map((found) => {
    const after = found.index + found[0].length;
    const first = found[0].includes('METHOD') ? text.indexOf(',', after) + 1 : after;
    return { line: line_at(text, found.index), title: literal_at(text, first, true) };
  });
}

/** The tests of a file: {line, title}, where the title is undefined if it is no literal. `registrars`: others' functions. */
export function titles_of(path, text, registrars = []) {
  return /\.(cpp|h)$/.test(path) ? catch_titles(text) : script_titles(text, registrars);
}

// What a program without titles says it holds, at its head or in its reports: {line, ids}.
function holds_of(text) {
  return [...text.matchAll(/^\/\/ holds:(.*)$|["'`]((?:\[[A-Z]{2}\d+\] ?)+)/gm)].map((found) => ({
    line: line_at(text, found.index),
    ids: [...(found[1] ?? found[2]).matchAll(kRuleId)].map(([id]) => id),
  }));
}

/** All that a file cites: {line, id}; and its tests that cite nothing: {line, what}. */
export function citations_of(path, text, registrars = []) {
  const titles = titles_of(path, text, registrars);
  const holds = titles.length === 0 ? holds_of(text) : [];
  const cited = [
    ...titles.flatMap(({ line, title }) => [...(title ?? '').matchAll(kCited)].map((found) => ({ line, id: found[1] }))),
    ...holds.flatMap(({ line, ids }) => ids.map((id) => ({ line, id }))),
  ];
  const silent = titles
    .filter(({ title }) => title === undefined || title.match(kCited) === null)
    .map(({ line, title }) => ({ line, what: `the test ${title === undefined ? 'whose title is no literal' : JSON.stringify(title)} cites no rule` }));
  // Those that only run others' tests have none of their own.
  const is_runner = /\brunAll\b|\bsupport\/checks\.mjs\b/.test(text);
  if (kProgram.test(text) && titles.length === 0 && cited.length === 0 && !is_runner) {
    silent.push({ line: 1, what: 'a program without titles does not say `// holds: …`' });
  }
  return { cited, silent };
}

/** What is wrong, by kind, as `path:line: what`. `files`: the test files as {path, text}. */
export function spec_faults(spec_path, spec, files) {
  const rules = rules_of(spec);
  const lines = new Map();
  const twice = [];
  for (const { id, line } of rules) {
    if (lines.has(id)) twice.push(`${spec_path}:${line}: ${id} is defined in line ${lines.get(id)} too`);
    else lines.set(id, line);
  }
  const registrars = files.flatMap(({ text }) => registrars_of(text));
  const read = files.map(({ path, text }) => ({ path, ...citations_of(path, text, registrars) }));
  const cited = new Set(read.flatMap((file) => file.cited.map(({ id }) => id)));
  return {
    twice,
    untested: [...lines].filter(([id]) => !cited.has(id)).map(([id, line]) => `${spec_path}:${line}: no test cites ${id}`),
    unknown: read.flatMap((file) =>
      file.cited.filter(({ id }) => !lines.has(id)).map(({ line, id }) => `${file.path}:${line}: ${id} is not in ${spec_path}`),
    ),
    silent: read.flatMap((file) => file.silent.map(({ line, what }) => `${file.path}:${line}: ${what}`)),
  };
}
