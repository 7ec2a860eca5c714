// Made-up specs and tests that show that each fault between the two is told, and nothing else.
import { spec_faults } from './spec_rules.mjs';

const kTwoRules = '- **AA1** One.\n- **AA2** Two.\n';
const kSound = [
  { path: 'tests/g.mjs', text: "import { own } from './b.mjs';\nown('[AA2] g', f);\n" },
  { path: 'tests/a.cpp', text: 'TEST_CASE(\n    "[AA1] a long "\n    "title") {\n}\nTEST_CASE_METHOD(World, "[AA2] b") {\n}\n' },
  { path: 'tests/b.mjs', text: "import { check, test } from 'x';\nexport function own(title) { test(title, f); }\nown('[AA1] c', f);\nawait check(`[AA2] ${x}`, f);\n" },
  { path: 'tests/c.test.ts', text: "import { it } from 'x';\n  it.each([f(1)])(\n    '[AA1] d %s', f);\n" },
  { path: 'tests/d.cpp', text: '// holds: AA1\nprintf("%d passed, %d");\nREQUIRE_THAT("[AA2] f");\n' },
];

// A kind of fault, what makes it in the spec or in one more test, and how often it is then told.
const kOffenders = [
  { kind: 'untested', rules: '- **AA3** Three.\n', tests: '', count: 1 },
  { kind: 'twice', rules: '- **AA1** One.\n', tests: '', count: 1 },
  { kind: 'unknown', rules: '', tests: 'TEST_CASE("[AA9] e") {\n', count: 1 },
  { kind: 'unknown', rules: '', tests: '// holds: AA9\n', count: 1 },
  { kind: 'silent', rules: '', tests: 'TEST_CASE("e [fast]") {\nTEST_CASE(kTitle) {\n', count: 2 },
  { kind: 'silent', rules: '', path: 'tests/e.mjs', tests: "import { own } from './b.mjs';\nown('e', f);\n", count: 1 },
  { kind: 'silent', rules: '', tests: 'printf("%d passed, %d");\n', count: 1 },
];

/** {title, wrong} for each. */
export function spec_self_checks() {
  const checks = kOffenders.map(({ kind, rules, tests, count, path = 'tests/e.cpp' }) => {
    const faults = spec_faults('s.md', kTwoRules + rules, [...kSound, { path, text: tests }]);
    const said = Object.entries(faults).flatMap(([of_kind, lines]) => lines.map((line) => `${of_kind} ${line}`));
    const right = said.length === count && said.every((line) => new RegExp(`^${kind} (s\\.md|tests/e\\.\\w+):\\d+: `).test(line));
    return { title: `a fault between spec and tests is told: ${kind}`, wrong: right ? [] : ['it was not', ...said] };
  });
  checks.push({ title: 'a sound spec is let pass', wrong: Object.values(spec_faults('s.md', kTwoRules, kSound)).flat() });
  return checks;
}
