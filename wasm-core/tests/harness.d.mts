export function test(title: string, body: () => void | Promise<void>): void;
export function runAll(filter?: string): Promise<{ passed: number; failed: number }>;
