/** The one module of Node that the tests use. */
declare module 'node:assert/strict' {
  interface Assert {
    equal(actual: unknown, expected: unknown, message?: string): void;
    notEqual(actual: unknown, expected: unknown): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    ok(value: unknown, message?: string): void;
    throws(call: () => unknown, kind: new (message?: string) => Error): void;
  }
  const assert: Assert;
  export default assert;
}
