// Rules over the text of one file; each returns what is wrong as `:line: what`. They rest on
// clang-format's layout: a block ends at the first line that closes it at its own indentation.

const kNoFunction = /^\s*(class|struct|union|enum|namespace|extern|if|for|while|switch|do|else|try|catch|case|default|return|#|\})/;

// The line where the statement that ends in `lines[end]` begins: arguments may be spread over lines.
function statement_start(lines, end) {
  let depth = 0;
  for (let at = end; at >= 0; at -= 1) {
    for (const sign of lines[at].replace(/"(\\.|[^"])*"|'(\\.|[^'])'|\/\/.*/g, '')) {
      if (sign === ')') depth += 1;
      if (sign === '(') depth -= 1;
    }
    if (depth <= 0 && /\(/.test(lines[at])) return at;
    if (end - at > 12) break;
  }
  return end;
}

// The same, and beyond a constructor's initialisers up to its signature.
function function_start(lines, end) {
  let start = statement_start(lines, end);
  while (start > 0 && (/^\s*:/.test(lines[start]) || /[,(]$/.test(lines[start - 1]))) start = statement_start(lines, start - 1);
  return start;
}

// Functions and test cases whose bodies exceed `lines_max`. A lambda counts to what it stands in.
export function long_functions(text, lines_max) {
  const lines = text.split('\n');
  const wrong = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (!/\)[^;=]*\{$/.test(lines[at])) continue;
    const statement = statement_start(lines, at);
    if (lines.slice(statement, at + 1).some((line) => /\]\s*(\(|\{)|= \[/.test(line))) continue;
    const start = function_start(lines, at);
    if (kNoFunction.test(lines[start])) continue;
    const indent = lines[start].match(/^ */)[0];
    const end = lines.findIndex((line, index) => index > at && line.startsWith(`${indent}}`));
    if (end < 0) continue;
    const length = end - start + 1;
    if (length > lines_max) wrong.push(`:${start + 1}: a function of ${length} lines`);
    if (indent.length > 0) at = end;
  }
  return wrong;
}

export function opens_with_purpose(text) {
  return text.startsWith('// ') ? [] : [':1: no opening paragraph'];
}

export function unfinished_words(text) {
  const pattern = /\b(TODO|FIXME|XXX|HACK)\b/g;
  return [...text.matchAll(pattern)].map((found) => `:${text.slice(0, found.index).split('\n').length}: ${found[0]}`);
}
