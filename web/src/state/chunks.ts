// A long conversation is drawn in chunks, which the browser may skip while they are off the screen
// (content-visibility). A row never moves from one chunk to another while it is shown, whatever is
// loaded before it or arrives after it: moving would make a new element of it, and flicker.
import type { Row } from './rows';

export const CHUNK_ROWS = 40;

export interface Chunk {
  readonly key: string;
  readonly rows: readonly Row[];
}

function sameRows(a: readonly Row[], b: readonly Row[]): boolean {
  return a.length === b.length && a.every((row, index) => row === b[index]);
}

/** Splits from the end, so that the chunk nearest to what is already shown is full. */
function splitOlder(rows: readonly Row[]): Chunk[] {
  const chunks: Chunk[] = [];
  for (let end = rows.length; end > 0; end -= CHUNK_ROWS) {
    const slice = rows.slice(Math.max(0, end - CHUNK_ROWS), end);
    chunks.unshift({ key: slice[slice.length - 1]?.item.localId ?? '', rows: slice });
  }
  return chunks;
}

interface Placed {
  readonly key: string;
  readonly rows: Row[];
}

/** Rows from the first known one on: each stays where it was, a new one joins the row before it. */
function placeKnown(rows: readonly Row[], keyOf: ReadonlyMap<string, string>): Placed[] {
  const placed: Placed[] = [];
  const used = new Set<string>();
  for (const row of rows) {
    const last = placed[placed.length - 1];
    const known = keyOf.get(row.item.localId);
    const returns = known !== undefined && known !== last?.key && !used.has(known);
    const overflows = known === undefined && last !== undefined && last.rows.length >= CHUNK_ROWS;
    if (last !== undefined && !returns && !overflows) {
      last.rows.push(row);
      continue;
    }
    const key = returns ? known : row.item.localId;
    used.add(key);
    placed.push({ key, rows: [row] });
  }
  return placed;
}

export function rechunk(previous: readonly Chunk[], rows: readonly Row[]): readonly Chunk[] {
  const keyOf = new Map<string, string>();
  for (const chunk of previous) {
    for (const row of chunk.rows) keyOf.set(row.item.localId, chunk.key);
  }
  const firstKnown = rows.findIndex((row) => keyOf.has(row.item.localId));
  if (firstKnown < 0) return splitOlder(rows);
  const known = placeKnown(rows.slice(firstKnown), keyOf);
  const before = new Map(previous.map((chunk) => [chunk.key, chunk]));
  const kept = known.map((chunk) => {
    const old = before.get(chunk.key);
    return old !== undefined && sameRows(old.rows, chunk.rows) ? old : chunk;
  });
  return [...splitOlder(rows.slice(0, firstKnown)), ...kept];
}
