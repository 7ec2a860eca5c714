// People of the server by what is typed: asked a moment after the last key, and an answer that comes
// late for a query that is no longer there is dropped.
import { useEffect, useState } from 'react';

import type { Person } from '@godwit/core/types';

import { sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';

const ASK_AFTER_MS = 200;
export const QUERY_LENGTH_MIN = 2;

interface Answer {
  readonly query: string;
  readonly people: readonly Person[];
  readonly refusal?: string;
}

export interface PeopleSearch {
  readonly state: 'idle' | 'busy' | 'done';
  readonly people: readonly Person[];
  readonly refusal?: string | undefined;
}

const NOBODY: Answer = { query: '', people: [] };

export function usePeopleSearch(typed: string): PeopleSearch {
  const client = useClient();
  const query = typed.trim();
  const [answer, setAnswer] = useState(NOBODY);
  useEffect(() => {
    if (query.length < QUERY_LENGTH_MIN) return undefined;
    let wanted = true;
    const timer = setTimeout(() => {
      client
        .searchPeople(query)
        .then((people) => wanted && setAnswer({ query, people }))
        .catch((error: unknown) => {
          if (wanted) setAnswer({ query, people: [], refusal: sentenceForError(error) });
        });
    }, ASK_AFTER_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, query]);

  if (query.length < QUERY_LENGTH_MIN) return { state: 'idle', people: [] };
  // Until the answer is there, the one before stays: the list does not blink at every key.
  if (answer.query !== query) return { state: 'busy', people: answer.people };
  return { state: 'done', people: answer.people, refusal: answer.refusal };
}
