// What choosing a person means: to open the chat with them or, while a group is being made, to pick them
// for it or put them back.
import { useState } from 'react';

import type { Person } from '@godwit/core/types';

import { sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';

export interface Choice {
  /** Who is picked for a group; undefined while none is being made. */
  readonly picked: readonly Person[] | undefined;
  readonly refusal: string | undefined;
  readonly choose: (person: Person) => void;
  readonly beginGroup: () => void;
  readonly cancelGroup: () => void;
}

export function useChoice(openChat: (chatId: string) => void): Choice {
  const client = useClient();
  const [picked, setPicked] = useState<readonly Person[]>();
  const [refusal, setRefusal] = useState<string>();
  const choose = (person: Person): void => {
    if (picked !== undefined) {
      const without = picked.filter(({ userId }) => userId !== person.userId);
      setPicked(without.length === picked.length ? [...picked, person] : without);
      return;
    }
    setRefusal(undefined);
    client
      .startDirect(person.userId)
      .then(openChat)
      .catch((error: unknown) => setRefusal(sentenceForError(error)));
  };
  return {
    picked,
    refusal,
    choose,
    beginGroup: () => setPicked([]),
    cancelGroup: () => setPicked(undefined),
  };
}
