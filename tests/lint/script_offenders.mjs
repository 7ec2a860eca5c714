// Made-up TypeScript that shows which function is told to be long, and which is let pass.
import { long_script_functions } from './script_functions.mjs';

const kLinesMax = 40;
const lines = (count) => '  work();\n'.repeat(count);
const kPlain = 'src/a.ts';
const kTest = 'src/a.test.ts';

// What stands in the file, and how many of its functions are too long.
const kCases = [
  { what: 'a function of 40 lines', path: kPlain, text: `function f() {\n${lines(38)}}\n`, count: 0 },
  { what: 'a function of 41 lines', path: kPlain, text: `function f() {\n${lines(39)}}\n`, count: 1 },
  { what: 'a signature over many lines', path: kPlain, text: `function f({\n${'  a,\n'.repeat(39)}}: Props) {}\n`, count: 1 },
  { what: 'an arrow without braces', path: 'src/a.tsx', text: `const A = () => (\n  <ul>\n${'    <li />\n'.repeat(39)}  </ul>\n);\n`, count: 1 },
  { what: 'a function in a call', path: kPlain, text: `const f = memo(function g() {\n${lines(39)}});\n`, count: 1 },
  { what: 'a long class of short methods', path: kPlain, text: `class A {\n${'  f() {}\n'.repeat(60)}}\n`, count: 0 },
  { what: 'a long method', path: kPlain, text: `class A {\n  f() {\n${lines(39)}  }\n}\n`, count: 1 },
  { what: 'one function in another', path: kPlain, text: `function f() {\n  return () => {\n${lines(39)}  };\n}\n`, count: 1 },
  { what: 'a group of tests', path: kTest, text: `describe('a', () => {\n${lines(60)}});\n`, count: 0 },
  { what: 'a test in a group', path: kTest, text: `describe('a', () => {\n  it('b', () => {\n${lines(39)}  });\n});\n`, count: 1 },
  { what: 'a function beside tests', path: kTest, text: `function f() {\n${lines(39)}}\n`, count: 1 },
  { what: 'a describe that groups no tests', path: kPlain, text: `describe('a', () => {\n${lines(60)}});\n`, count: 1 },
];

/** {title, wrong} for each. */
export function script_self_checks() {
  return kCases.map(({ what, path, text, count }) => {
    const found = long_script_functions(text, path, kLinesMax);
    return {
      title: `${count === 0 ? 'is let pass' : 'is found to be long'}: ${what}`,
      wrong: found.length === count ? [] : [`${found.length} were told`, ...found],
    };
  });
}
