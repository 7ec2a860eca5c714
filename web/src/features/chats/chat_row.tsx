// One chat in the list: who, what was said last, when, and how many one has not read.
import { memo, type MouseEvent } from 'react';

import type { ChatRow } from '@godwit/core/types';

import { t } from '../../i18n';
import { isoTime, listTime } from '../../i18n/dates';
import { chatHash, navigate } from '../../state/router';
import { Avatar } from '../../ui/avatar';
import { Preview, previewKey } from './row_preview';
import { RowSigns } from './row_signs';

function presenceWords(row: ChatRow): string | undefined {
  if (row.presence?.status === 'online') return t('presence.online');
  return row.presence?.status === 'away' ? t('presence.away') : undefined;
}

/** A plain press goes there within the app; with a modifier the browser does what it always does. */
function follow(event: MouseEvent, chatId: string): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  navigate({ screen: 'chat', chatId, finding: false });
}

interface Props {
  readonly row: ChatRow;
  readonly active: boolean;
  readonly ownId: string;
  readonly now: number;
}

export const ChatRowLink = memo(function ChatRowLink({ row, active, ownId, now }: Props) {
  const presence = presenceWords(row);
  const time = row.time > 0 ? listTime(row.time, now) : '';
  return (
    <a
      className="chat-row"
      href={chatHash(row.chatId)}
      aria-current={active ? 'page' : undefined}
      data-chat={row.chatId}
      onClick={(event) => follow(event, row.chatId)}
    >
      <Avatar
        id={row.peerId ?? row.chatId}
        name={row.title}
        group={row.type === 'group'}
        presence={row.presence?.status}
      />
      <span className="chat-row__title truncate">
        <bdi>{row.title || t('chats.unnamed')}</bdi>
        {presence !== undefined && <span className="visually-hidden">, {presence}</span>}
      </span>
      <time key={time} className="chat-row__time" dateTime={isoTime(row.time)}>
        {time}
      </time>
      <span key={previewKey(row)} className="chat-row__preview truncate">
        <Preview row={row} ownId={ownId} />
      </span>
      <RowSigns row={row} />
    </a>
  );
});
