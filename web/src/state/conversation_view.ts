// One open chat as a live value for components: opened when the first component looks, closed when the
// last one has gone.
import { useMemo } from 'react';

import type { Conversation, GodwitClient, Live, OpenConversation } from '@godwit/core/types';

import { useClient } from './client_context';

export interface ConversationView extends Live<Conversation | undefined> {
  readonly loadOlder: () => Promise<void>;
}

export function conversationView(client: GodwitClient, chatId: string): ConversationView {
  let open: OpenConversation | undefined;
  let lookers = 0;
  return {
    get: () => open?.get(),
    subscribe(listener) {
      open ??= client.open(chatId);
      lookers += 1;
      const unsubscribe = open.subscribe(listener);
      return () => {
        unsubscribe();
        lookers -= 1;
        if (lookers > 0) return;
        open?.close();
        open = undefined;
      };
    },
    loadOlder: () => open?.loadOlder() ?? Promise.resolve(),
  };
}

export function useConversationView(chatId: string): ConversationView {
  const client = useClient();
  return useMemo(() => conversationView(client, chatId), [client, chatId]);
}
