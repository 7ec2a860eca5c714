// One chat in the list: who, what was said last, when, and how many one has not read.
import { memo, type MouseEvent } from 'react';

import type { ChatRow } from '@godwit/core/types';

import { formatNumber, t } from '../../i18n';
import { isoTime, listTime } from '../../i18n/dates';
import { chatHash, navigate } from '../../state/router';
import { Avatar } from '../../ui/avatar';
import { Icon } from '../../ui/icon';
import { StatusMark } from '../conversation/status_mark';
import { systemText } from '../conversation/system_text';

const UNREAD_SHOWN_MAX = 999;

function Preview({ row, ownId }: { readonly row: ChatRow; readonly ownId: string }) {
  const { preview } = row;
  if (row.typing.length > 0) {
    return (
      <span className="chat-row__typing">
        {row.type === 'group' && (
          <>
            <bdi>{row.typing[0]}</bdi>:{' '}
          </>
        )}
        {t('typing.row')}
      </span>
    );
  }
  if (row.draft !== undefined && row.draft.trim() !== '') {
    return (
      <>
        <span className="chat-row__draft">{t('chats.draft')}: </span>
        <bdi>{row.draft}</bdi>
      </>
    );
  }
  if (preview === undefined) return <>{t('chats.noMessages')}</>;
  if (preview.system !== undefined) {
    const senderId = preview.own ? ownId : '';
    return (
      <bdi>{systemText(preview.system, senderId, preview.senderName, { members: [], ownId })}</bdi>
    );
  }
  const who = preview.own ? t('chats.you') : row.type === 'group' ? preview.senderName : '';
  return (
    <>
      {who !== '' && (
        <span className="chat-row__who">
          <bdi>{who}</bdi>:{' '}
        </span>
      )}
      <bdi>
        {preview.deleted === true
          ? t('conversation.deleted')
          : preview.text || t('conversation.unsupported')}
      </bdi>
    </>
  );
}

/** Names what the preview says: other words are another element, not the old one moved. */
function previewKey(row: ChatRow): string {
  if (row.typing.length > 0) return 'typing';
  if (row.draft !== undefined && row.draft.trim() !== '') return 'draft';
  const { preview } = row;
  if (preview === undefined) return 'none';
  return `${preview.own ? 'own' : preview.senderName}: ${preview.text}`;
}

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
  const showsStatus =
    row.preview?.own === true && row.preview.system === undefined && row.typing.length === 0;
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
      <span className="chat-row__end">
        {row.muted && <Icon name="mute" size={15} />}
        {row.pinned && <Icon name="pin" size={15} />}
        {row.unread > 0 ? (
          <span className={row.muted ? 'badge badge--muted' : 'badge'}>
            <span aria-hidden="true">
              {row.unread > UNREAD_SHOWN_MAX
                ? `${formatNumber(UNREAD_SHOWN_MAX)}+`
                : formatNumber(row.unread)}
            </span>
            <span className="visually-hidden">{t('chats.unread', { count: row.unread })}</span>
          </span>
        ) : (
          showsStatus && <StatusMark status={row.preview.status} />
        )}
      </span>
    </a>
  );
});
