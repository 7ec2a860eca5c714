import { describe, expect, it } from 'vitest';

import { makeItem } from '../testing/fake_views';
import { buildRows, type Row } from './rows';

const MINUTE = 60_000;
const NOON = new Date(2026, 10, 21, 12, 0).getTime();

const byId = (rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [row.item.localId, row]));

describe('rows of a conversation', () => {
  it('[UI15] bubbles of one sender within five minutes join, others do not', () => {
    const items = [
      makeItem({ localId: 'a', time: NOON }),
      makeItem({ localId: 'b', time: NOON + MINUTE }),
      makeItem({ localId: 'c', time: NOON + 7 * MINUTE }),
      makeItem({ localId: 'd', time: NOON + 8 * MINUTE, senderId: '3' }),
    ];
    const rows = buildRows(items, { hasOlder: false }, new Map());
    expect(rows.map((row) => [row.startsGroup, row.endsGroup])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it('[UI15] a system line joins nothing', () => {
    const items = [
      makeItem({ localId: 'a', system: { kind: 'created' } }),
      makeItem({ localId: 'b' }),
    ];
    expect(buildRows(items, { hasOlder: false }, new Map()).map((row) => row.startsGroup)).toEqual([
      true,
      true,
    ]);
  });

  it('[UI15] a day begins at local midnight', () => {
    const midnight = new Date(2026, 10, 21, 0, 0).getTime();
    const items = [
      makeItem({ localId: 'a', time: midnight - 1 }),
      makeItem({ localId: 'b', time: midnight }),
      makeItem({ localId: 'c', time: midnight + MINUTE }),
    ];
    expect(buildRows(items, { hasOlder: false }, new Map()).map((row) => row.startsDay)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('[UI3] the first row begins no day while there are older ones', () => {
    const rows = buildRows([makeItem({ localId: 'a' })], { hasOlder: true }, new Map());
    expect(rows[0]).toMatchObject({ startsDay: false, startsGroup: true });
  });

  it('[UI14] the line of the unread stands above the first unread message and parts its group', () => {
    const items = [makeItem({ localId: 'a' }), makeItem({ localId: 'b' })];
    const rows = buildRows(items, { firstUnreadId: 'b', hasOlder: false }, new Map());
    expect(rows[1]).toMatchObject({ startsUnread: true, startsGroup: true });
    expect(rows[0]?.endsGroup).toBe(true);
  });

  it('[UI3] a row that says the same is the same object', () => {
    const items = [makeItem({ localId: 'a' }), makeItem({ localId: 'b' })];
    const before = buildRows(items, { hasOlder: false }, new Map());
    const changed = [items[0] ?? makeItem({ localId: 'a' }), makeItem({ localId: 'b', text: 'x' })];
    const after = buildRows(changed, { hasOlder: false }, byId(before));
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });
});
