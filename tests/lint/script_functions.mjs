// How long the functions of TypeScript sources are, by TypeScript's own parser: prettier's layout leaves
// too many ways to open a function for a look at the text. The parser is web's development dependency.
import { createRequire } from 'node:module';

const ts = createRequire(new URL('../../web/package.json', import.meta.url))('typescript');

// A test file's describe() only groups: what it is given is no function that anybody would shorten.
function groups_tests(node) {
  const call = node.parent;
  return ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText());
}

/**
 * The functions of `text` with more than `lines_max` lines, signature to closing brace, each as
 * `:line: what`. One within another counts to the outer one; a method counts for itself. `path` says
 * whether there may be JSX, and whether it is a file of tests.
 */
export function long_script_functions(text, path, lines_max) {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
  const is_test = /\.test\.tsx?$/.test(path);
  const wrong = [];
  const visit = (node) => {
    if (!ts.isFunctionLike(node) || node.body === undefined || (is_test && groups_tests(node))) {
      ts.forEachChild(node, visit);
      return;
    }
    const first = source.getLineAndCharacterOfPosition(node.getStart()).line;
    const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
    const length = last - first + 1;
    if (length > lines_max) wrong.push(`:${first + 1}: a function of ${length} lines`);
  };
  visit(source);
  return wrong;
}
