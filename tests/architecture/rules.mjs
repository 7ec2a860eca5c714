// The arrows of ARCHITECTURE.md as data, and the functions that hold a source file against them.
// Each rule takes {path, text} (path from the repository's root) and returns what is wrong as
// {line, what}. Pure: check.mjs brings the files, self_test.mjs brings made-up ones.

import { code_of_script, line_at } from './script_text.mjs';
import { unlisted_storage } from './storage_places.mjs';

// Who may include whom: folders, or single files of one. A folder may always include itself.
// The options and the clock of the server are plain values that any part of it may know.
const kServerGround = ['server/app/config.h', 'server/app/clock.h', 'shared/protocol', 'shared/base'];
const kLayers = {
  'shared/base': [],
  'shared/protocol': ['shared/base'],
  'shared/sync': ['shared/protocol', 'shared/base'],
  'shared/outbox': ['shared/protocol', 'shared/base'],
  'shared/journal': ['shared/protocol', 'shared/base'],
  // What is pending is laid over what is confirmed, so the timeline reads the outbox; never the reverse.
  'shared/timeline': ['shared/outbox', 'shared/protocol', 'shared/base'],
  'shared/client': ['shared/sync', 'shared/timeline', 'shared/outbox', 'shared/journal', 'shared/protocol', 'shared/base'],
  // Recorded runs of a client's core: above it, for whoever hosts or replays one.
  'shared/trace': ['shared/client', 'shared/sync', 'shared/timeline', 'shared/outbox', 'shared/journal', 'shared/protocol', 'shared/base'],
  'shared/domain': ['shared/sync', 'shared/protocol', 'shared/base'],
  'wasm-core': ['shared/trace', 'shared/client', 'shared/journal', 'shared/outbox', 'shared/protocol', 'shared/base'],
  'server/store': [...kServerGround, 'shared/domain', 'shared/sync'],
  // The edge's seam (Socket, Executor) is what everything behind it is written against.
  'server/bus': [...kServerGround, 'server/edge/socket.h'],
  'server/app': [...kServerGround, 'server/store', 'shared/domain', 'shared/sync'],
  'server/auth': [...kServerGround, 'server/app', 'server/store'],
  'server/edge': [...kServerGround],
  'server/gateway': [...kServerGround, 'server/edge', 'server/bus', 'server/app', 'server/auth', 'shared/domain', 'shared/sync'],
  'server/http': [...kServerGround, 'server/edge', 'server/app', 'server/auth', 'shared/domain', 'shared/sync'],
  'server/admin': [...kServerGround, 'server/app', 'server/auth', 'server/store'],
};

// What `shared` may take from the standard library: values, containers and algorithms. No clock,
// threads, random numbers, files, streams or locales.
const kSharedHeaders = new Set(
  ('algorithm array cassert cctype cerrno charconv climits cmath compare concepts cstddef cstdint cstdlib cstring ' +
    'deque exception functional initializer_list iterator limits list map memory new numeric optional queue set span stack ' +
    'stdexcept string string_view tuple type_traits unordered_map unordered_set utility variant vector version').split(' '),
);

const kSharedForbidden = [
  [/\b(system_clock|steady_clock|high_resolution_clock)\b/, 'reads a clock'],
  [/\bstd::(this_)?(j?thread|mutex|atomic|future|async|condition_variable)\b/, 'knows of threads'],
  [/\b(s?rand|random_device|mt19937(_64)?)\s*[({]/, 'has randomness of its own'],
  [/\bstd::hash\b/, 'std::hash differs between the two compilers'],
  [/\b(std::(cout|cerr|clog|ifstream|ofstream)|f?printf|getenv|fopen)\b/, 'does I/O'],
  [/\bstd::ranges::|\bstd::bit_cast\b|\bco_(await|yield|return)\b/, 'is not in libc++ 13'],
];

// The text with comments and literals blanked, line breaks kept, so that words in them do not count.
export function code_of(text) {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"(\w*)\([\s\S]*?\)\1"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'/g;
  return text.replace(pattern, (found) => found.replace(/[^\n]/g, ' '));
}

function includes_of(text) {
  return [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]/gm)].map((found) => ({
    line: line_at(text, found.index),
    system: found[1] === '<',
    path: found[2],
  }));
}

function layer_of(path) {
  if (path.startsWith('wasm-core/')) return 'wasm-core';
  return path.split('/').slice(0, 2).join('/');
}

const is_cpp = (path) => /\.(h|cpp|inc)$/.test(path);
const is_script = (path) => /\.(ts|tsx|mjs|js)$/.test(path);
const in_shared = ({ path }) => path.startsWith('shared/') && is_cpp(path);
// What a failed check says before it ends the process is the one thing shared ever prints.
const is_pure = (file) => in_shared(file) && file.path !== 'shared/base/check.cpp';
const is_wire_header = ({ path }) => /^shared\/(protocol|domain|outbox)\/\w+\.h$/.test(path);
// All that a browser is given of ours, but for the pages by which it is built and looked at.
const stores_in_browser = (path) => /^(web\/(src|public)|wasm-core\/(src|storage|abi))\//.test(path);
const is_test = (path) => /(^|\/)(tests?|testing)\//.test(path) || /\.test\.tsx?$/.test(path);

function arrows({ path, text }) {
  const layer = layer_of(path);
  const allowed = kLayers[layer];
  if (!allowed) return path.split('/').length > 2 ? [{ line: 1, what: `${layer} has no place among the layers` }] : [];
  return includes_of(text)
    .filter((include) => !include.system)
    .filter((include) => layer_of(include.path) !== layer)
    .filter((include) => !allowed.includes(layer_of(include.path)) && !allowed.includes(include.path))
    .map((include) => ({ line: include.line, what: `${layer} must not include ${include.path}` }));
}

function rooted({ text }) {
  return includes_of(text)
    .filter((include) => !include.system && !/^(shared|server|wasm-core|tests)\//.test(include.path))
    .map((include) => ({ line: include.line, what: `includes are from the root: ${include.path}` }));
}

function shared_headers({ text }) {
  return includes_of(text)
    .filter((include) => include.system && !kSharedHeaders.has(include.path) && !include.path.startsWith('nlohmann/'))
    .map((include) => ({ line: include.line, what: `shared may not use <${include.path}>` }));
}

function shared_words({ text }) {
  const code = code_of(text);
  const wrong = [];
  for (const [pattern, what] of kSharedForbidden) {
    for (const found of code.matchAll(new RegExp(pattern, 'g'))) {
      wrong.push({ line: line_at(code, found.index), what: `${found[0].trim()}: ${what}` });
    }
  }
  return wrong;
}

// The order of an unordered container differs between the two ends: nothing visible may follow it.
function unordered_iteration({ text }) {
  const code = code_of(text);
  const names = [...code.matchAll(/\bunordered_(?:map|set|multimap)<[^;{}]*>\s+(\w+)\s*[;={]/g)].map((found) => found[1]);
  return names.flatMap((name) =>
    [...code.matchAll(new RegExp(`for\\s*\\([^;)]*:\\s*(?:\\w+(?:\\.|->))?${name}\\s*\\)`, 'g'))].map((found) => ({
      line: line_at(code, found.index),
      what: `iterates over the unordered ${name}`,
    })),
  );
}

// What crosses the wire or is stored has the same width on both ends; size_t and long do not.
function member_widths({ text }) {
  const code = code_of(text);
  const member = /^[ \t]+(?:std::)?(size_t|(?:unsigned )?long(?: int)?)\s+\w+(?:\s*=[^;()]*)?;/gm;
  return [...code.matchAll(member)].map((found) => ({ line: line_at(code, found.index), what: `a member of type ${found[1]}` }));
}

// Where the server persists: by SQLite, whose every statement that writes dies in tests/contract, and by
// these calls beside it, which die there as well.
const kServerWrites = {
  'server/store/data_folder.cpp': ['create_directory', 'O_RDWR', 'O_CREAT'], // empty, and a lock: nothing to lose
  'server/store/file_calls.cpp': ['remove', 'rename'],
  'server/store/sqlite_connection.cpp': ['sqlite3_open_v2'],
};
const kWritesFiles =
  /\bstd::(ofstream|fstream|FILE)\b|\b(fopen|freopen|mkstemp|mkdtemp|pwrite\w*|ftruncate|sqlite3_open\w*|O_(?:CREAT|WRONLY|RDWR|TMPFILE|TRUNC|APPEND))\b|\bfilesystem::(rename|remove\w*|create_\w+|copy\w*|resize_file)\b|(?<![\w:])::(rename\w*|unlink\w*|creat|truncate|mkdir\w*|link\w*|symlink\w*)\s*\(/g;

function server_files({ path, text }) {
  const code = code_of(text);
  const found = [...code.matchAll(kWritesFiles)].map((one) => ({
    line: line_at(code, one.index),
    word: one.slice(1).find((name) => name !== undefined),
  }));
  const listed = kServerWrites[path] ?? [];
  if (found.map(({ word }) => word).join() === listed.join()) return [];
  if (listed.length === 0) return found.map(({ line, word }) => ({ line, what: `${word}: the server persists by its store alone` }));
  return [{ line: 1, what: `writes files by ${found.map(({ word }) => word).join(', ')}, not by ${listed.join(', ')}` }];
}

function imports_of(text) {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*|new URL\(\s*)(['"])([^'"\n]+)\1/g;
  return [...text.matchAll(pattern)].map((found) => ({ line: line_at(text, found.index), from: found[2] }));
}

// Where a relative import of a file in `path` leads, from the root.
function target_of(path, from) {
  const parts = path.split('/').slice(0, -1);
  for (const part of from.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function web_imports({ path, text }) {
  return imports_of(text)
    .filter(({ from }) => {
      if (from.startsWith('.')) return !target_of(path, from).startsWith('web/');
      return from.startsWith('@godwit/') && !['@godwit/core', '@godwit/core/types'].includes(from);
    })
    .map(({ line, from }) => ({ line, what: `web knows only the types of @godwit/core, not ${from}` }));
}

function web_protocol({ text }) {
  const words = /\b(godwit\.v1|sync_request|sync_response|message_ack|userSeq|new WebSocket)\b/g;
  return [...code_of_script(text).matchAll(words)].map((found) => ({
    line: line_at(text, found.index),
    what: `web knows no protocol, but says ${found[0]}`,
  }));
}

function core_imports({ path, text }) {
  return imports_of(text)
    .filter(({ from }) => (from.startsWith('.') ? /^(web|server)\//.test(target_of(path, from)) : /^react/.test(from)))
    .map(({ line, from }) => ({ line, what: `the client package stands without the app, not on ${from}` }));
}

export const kRules = [
  { title: 'include arrows point down', applies: ({ path }) => is_cpp(path) && !is_test(path), find: arrows },
  { title: 'includes are from the root', applies: ({ path }) => is_cpp(path), find: rooted },
  { title: 'shared takes from std only what is pure', applies: is_pure, find: shared_headers },
  { title: 'shared has no clock, threads, randomness, I/O', applies: is_pure, find: shared_words },
  { title: 'shared follows no unordered order', applies: in_shared, find: unordered_iteration },
  { title: 'the wire has no size_t or long', applies: is_wire_header, find: member_widths },
  { title: 'the server writes files in listed places only', applies: ({ path }) => /^server\//.test(path) && is_cpp(path), find: server_files },
  { title: 'web imports only the client package', applies: ({ path }) => /^web\/src\//.test(path) && is_script(path) && !is_test(path), find: web_imports },
  { title: 'web knows no protocol', applies: ({ path }) => /^web\/src\//.test(path) && is_script(path) && !is_test(path), find: web_protocol },
  { title: 'browsers store in listed places only', applies: ({ path }) => stores_in_browser(path) && is_script(path) && !is_test(path), find: unlisted_storage },
  { title: 'the client package knows no app', applies: ({ path }) => /^wasm-core\/src\//.test(path) && is_script(path), find: core_imports },
];
