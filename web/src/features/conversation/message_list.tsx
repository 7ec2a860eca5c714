// The messages of a chat, newest at the bottom. Drawn in chunks that the browser skips while they are
// out of sight; see use_scroll_place.ts for how the reader's place is kept.
import { memo, useCallback, useEffect, useMemo, useState } from 'react';

import type { Conversation } from '@godwit/core/types';

import { t } from '../../i18n';
import { useApp, useClient } from '../../state/client_context';
import { useNow } from '../../state/clock';
import type { Chunk } from '../../state/chunks';
import { dayNumber } from '../../i18n/dates';
import { EmptyState } from '../../ui/empty_state';
import { Spinner } from '../../ui/spinner';
import { Announcer } from './announcer';
import { ListFoot } from './list_foot';
import { MessageRow, type RowContext } from './message_row';
import { NewestButton } from './newest_button';
import { useChunks } from './use_chunks';
import { useReadMark } from './use_read_mark';
import { useScrollPlace } from './use_scroll_place';

interface ChunkProps {
  readonly chunk: Chunk;
  readonly context: RowContext;
}

const ChunkView = memo(function ChunkView({ chunk, context }: ChunkProps) {
  return (
    <div role="presentation" className="chunk">
      {chunk.rows.map((row) => (
        <MessageRow key={row.item.localId} row={row} context={context} />
      ))}
    </div>
  );
});

function useRowContext(conversation: Conversation): RowContext {
  const client = useClient();
  const ownId = useApp().session?.userId ?? '';
  const today = dayNumber(useNow());
  const { members, type } = conversation;
  return useMemo(
    () => ({ client, names: { members, ownId }, group: type === 'group', today }),
    [client, members, ownId, type, today],
  );
}

/** Asks for what is older when the reader comes near the top: once at a time. */
function useOlder(conversation: Conversation, loadOlder: () => Promise<void>): () => void {
  const { hasOlder, loadingOlder } = conversation;
  return useCallback((): void => {
    if (hasOlder && !loadingOlder) void loadOlder();
  }, [hasOlder, loadingOlder, loadOlder]);
}

function ListTop({ conversation }: { readonly conversation: Conversation }) {
  const { loadingOlder, hasOlder, items, title } = conversation;
  const empty = !hasOlder && !items.some((item) => item.system === undefined);
  // Where the chat was empty when it was opened the picture stays, so that the first message that
  // arrives moves nothing.
  const [wasEmpty] = useState(empty);
  if (wasEmpty) {
    return empty ? (
      <EmptyState
        title={t('conversation.emptyTitle')}
        text={t('conversation.emptyText', { title })}
      />
    ) : (
      <EmptyState title={t('conversation.begunTitle')} text={t('conversation.begunText')} />
    );
  }
  return (
    <div className="messages__top">
      {loadingOlder && <Spinner label={t('conversation.loadingOlder')} />}
      {!hasOlder && <span>{t('conversation.beginning')}</span>}
    </div>
  );
}

/** The line over the first unread message stays where it was when the core first showed the chat. */
function useUnreadLine(conversation: Conversation): string | undefined {
  const { firstUnreadId, remembered } = conversation;
  const [line, setLine] = useState({ remembered, firstUnreadId });
  if (line.remembered !== true || remembered === true) return line.firstUnreadId;
  setLine({ remembered, firstUnreadId });
  return firstUnreadId;
}

interface Props {
  readonly conversation: Conversation;
  readonly loadOlder: () => Promise<void>;
  /** Changes when the person sends: the list then goes to the bottom. */
  readonly sends: number;
}

export function MessageList({ conversation, loadOlder, sends }: Props) {
  const { items, hasOlder, title } = conversation;
  const firstUnreadId = useUnreadLine(conversation);
  const chunks = useChunks(items, firstUnreadId, hasOlder);
  const context = useRowContext(conversation);
  const onNearTop = useOlder(conversation, loadOlder);
  const { scroller, atBottom, onScroll, toBottom } = useScrollPlace(chunks, onNearTop);
  useReadMark(conversation, atBottom);
  useEffect(() => {
    if (sends > 0) toBottom();
  }, [sends, toBottom]);
  return (
    <div className={conversation.type === 'group' ? 'messages messages--group' : 'messages'}>
      <div
        ref={scroller}
        className="messages__scroll"
        role="region"
        aria-label={t('conversation.messages', { title })}
        // A scrolling region is reached by keyboard, so that arrow keys scroll it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={onScroll}
      >
        <div className="messages__column measure">
          <ListTop conversation={conversation} />
          <div role="list" data-chunks="">
            {chunks.map((chunk) => (
              <ChunkView key={chunk.key} chunk={chunk} context={context} />
            ))}
          </div>
        </div>
      </div>
      <ListFoot conversation={conversation} />
      <NewestButton items={items} atBottom={atBottom} onPress={toBottom} />
      <Announcer conversation={conversation} />
    </div>
  );
}
