// Read is what was on the screen: the page has the focus, and the newest message is in view. What is
// remembered from the last visit marks nothing: the core, once it is there, knows what is unread.
import { useEffect } from 'react';

import type { Conversation } from '@godwit/core/types';

import { useClient } from '../../state/client_context';
import { usePageFocused } from '../../state/page_activity';

function lastSeq(conversation: Conversation): number {
  return conversation.items.findLast((item) => item.seq !== undefined)?.seq ?? 0;
}

export function useReadMark(conversation: Conversation, atBottom: boolean): void {
  const client = useClient();
  const focused = usePageFocused();
  const { chatId } = conversation;
  const unread = conversation.remembered === true ? 0 : conversation.unread;
  const seq = lastSeq(conversation);
  useEffect(() => {
    if (focused && atBottom && unread > 0 && seq > 0) client.markRead(chatId, seq);
  }, [client, focused, atBottom, unread, seq, chatId]);
}
