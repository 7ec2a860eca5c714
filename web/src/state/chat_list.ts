// Pure selections over the list of chats.
import type { ChatRow } from '@godwit/core/types';

/** For comparing what people type with names: case, accents and width do not count. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

export function matching(rows: readonly ChatRow[], query: string): readonly ChatRow[] {
  const wanted = fold(query.trim());
  return wanted === '' ? rows : rows.filter((row) => fold(row.title).includes(wanted));
}

export interface ChatSections {
  readonly shown: readonly ChatRow[];
  readonly archived: readonly ChatRow[];
}

export function sections(rows: readonly ChatRow[]): ChatSections {
  return {
    shown: rows.filter((row) => !row.archived),
    archived: rows.filter((row) => row.archived),
  };
}
