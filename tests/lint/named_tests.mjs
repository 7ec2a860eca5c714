// A page that names tests, in rows of a table: a file in backticks, then titles, or parts of them, in
// quotes. Pure: check.mjs brings the files.

/** What the page names that is not there: "line: what". `text_of(path)` is undefined for no such file. */
export function missing_tests(page, text_of) {
  const missing = [];
  for (const [at, line] of page.split('\n').entries()) {
    const named = /\| `([\w./]+\.(?:mjs|ts))` \|(.*)\|$/.exec(line);
    if (!named) continue;
    const text = text_of(named[1])?.replaceAll("\\'", "'");
    if (text === undefined) missing.push(`:${at + 1}: no file ${named[1]}`);
    for (const [, title] of named[2].matchAll(/"([^"]+)"/g)) {
      if (text !== undefined && !text.includes(title)) missing.push(`:${at + 1}: no test "${title}" in ${named[1]}`);
    }
  }
  return missing;
}
