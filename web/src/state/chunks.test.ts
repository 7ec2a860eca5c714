import { describe, expect, it } from 'vitest';

import { makeItem } from '../testing/fake_views';
import { CHUNK_ROWS, rechunk, type Chunk } from './chunks';
import { buildRows, type Row } from './rows';

const TIME = Date.UTC(2026, 10, 21, 12, 0);

function rows(from: number, to: number): readonly Row[] {
  const items = Array.from({ length: to - from }, (_, index) =>
    makeItem({ localId: `m${from + index}`, time: TIME }),
  );
  return buildRows(items, { hasOlder: false }, new Map());
}

const placeOf = (chunks: readonly Chunk[]): Map<string, string> =>
  new Map(chunks.flatMap(({ key, rows: own }) => own.map((row) => [row.item.localId, key])));

const idsOf = (chunks: readonly Chunk[]): string[] =>
  chunks.flatMap((chunk) => chunk.rows.map((row) => row.item.localId));

function expectStayed(before: readonly Chunk[], after: readonly Chunk[]): void {
  const places = placeOf(after);
  for (const [id, key] of placeOf(before)) expect(places.get(id)).toBe(key);
}

describe('chunks of a conversation', () => {
  it('[UI3] hold every row once and in order', () => {
    const all = rows(0, 1_000);
    const chunks = rechunk([], all);
    expect(idsOf(chunks)).toEqual(all.map((row) => row.item.localId));
    expect(Math.max(...chunks.map((chunk) => chunk.rows.length))).toBeLessThanOrEqual(CHUNK_ROWS);
  });

  it('[UI3] no row changes its chunk when older ones are put in above', () => {
    const before = rechunk([], rows(500, 550));
    const after = rechunk(before, rows(450, 550));
    expectStayed(before, after);
    expect(idsOf(after)).toHaveLength(100);
  });

  it('[UI3] no row changes its chunk when messages arrive below', () => {
    let chunks = rechunk([], rows(0, 10));
    for (let end = 11; end <= 200; end += 1) {
      const next = rechunk(chunks, rows(0, end));
      expectStayed(chunks, next);
      chunks = next;
    }
    expect(chunks.length).toBeGreaterThan(3);
    expect(new Set(chunks.map((chunk) => chunk.key)).size).toBe(chunks.length);
  });

  it('[UI3] a pending row that is overtaken by one of another person stays in its chunk', () => {
    const start = rows(0, 2 * CHUNK_ROWS);
    const before = rechunk([], start);
    const pending = start[start.length - 1];
    if (pending === undefined) throw new Error('there are rows');
    const other = rows(900, 901);
    const after = rechunk(before, [...start.slice(0, -1), ...other, pending]);
    expectStayed(before, after);
    expect(idsOf(after).slice(-2)).toEqual(['m900', pending.item.localId]);
  });

  it('[UI3] an untouched chunk is the same object', () => {
    const all = rows(0, 100);
    const before = rechunk([], all);
    const after = rechunk(before, [...all, ...rows(100, 101)]);
    expect(after[0]).toBe(before[0]);
  });

  it('[UI3] a removed row leaves the others where they are', () => {
    const all = rows(0, 100);
    const before = rechunk([], all);
    const after = rechunk(before, [...all.slice(0, 50), ...all.slice(51)]);
    const places = placeOf(after);
    for (const row of [...all.slice(0, 50), ...all.slice(51)]) {
      expect(places.get(row.item.localId)).toBe(placeOf(before).get(row.item.localId));
    }
  });
});
