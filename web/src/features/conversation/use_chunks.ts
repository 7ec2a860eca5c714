// The rows of a conversation in chunks, each kept from one rendering to the next where it says the same.
import { useMemo, useState } from 'react';

import type { MessageItem } from '@godwit/core/types';

import { rechunk, type Chunk } from '../../state/chunks';
import { buildRows, type Row, type RowOptions } from '../../state/rows';

type Chunker = (items: readonly MessageItem[], options: RowOptions) => readonly Chunk[];

/** Remembers what it gave last; giving the same again is allowed, so React may call it twice. */
export function makeChunker(): Chunker {
  let known: ReadonlyMap<string, Row> = new Map();
  let chunks: readonly Chunk[] = [];
  return (items, options) => {
    const rows = buildRows(items, options, known);
    known = new Map(rows.map((row) => [row.item.localId, row]));
    chunks = rechunk(chunks, rows);
    return chunks;
  };
}

export function useChunks(
  items: readonly MessageItem[],
  firstUnreadId: string | undefined,
  hasOlder: boolean,
): readonly Chunk[] {
  const [chunker] = useState(makeChunker);
  return useMemo(
    () => chunker(items, { firstUnreadId, hasOlder }),
    [chunker, items, firstUnreadId, hasOlder],
  );
}
