// One message: a bubble, above it who and when where a run of bubbles begins, beside it how it stands.
// All places are reserved, so that a change of state moves nothing.
import { memo } from 'react';

import type { GodwitClient, MessageItem } from '@godwit/core/types';

import { t } from '../../i18n';
import { dayHeading, isoTime, timeOfDay } from '../../i18n/dates';
import type { Row } from '../../state/rows';
import { toneOf } from '../../state/tone';
import { Avatar } from '../../ui/avatar';
import { IconButton } from '../../ui/button';
import { failureWords } from './failure_words';
import { MessageText } from './message_text';
import { StatusMark } from './status_mark';
import { systemText, type NameSource } from './system_text';

export interface RowContext {
  readonly client: GodwitClient;
  readonly names: NameSource;
  readonly group: boolean;
  readonly today: number; // as dayNumber gives it
}

interface Props {
  readonly row: Row;
  readonly context: RowContext;
}

function Content({ item }: { readonly item: MessageItem }) {
  if (item.deleted === true) return <em className="bubble__gone">{t('conversation.deleted')}</em>;
  if (item.text === undefined) {
    return <em className="bubble__gone">{t('conversation.unsupported')}</em>;
  }
  if (item.failure?.final === true && item.text === '') {
    return <em className="bubble__gone">{t('message.unreadable')}</em>;
  }
  return <MessageText text={item.text} />;
}

function Bubble({ item }: { readonly item: MessageItem }) {
  const { replyTo, reactions } = item;
  return (
    <div className="bubble" title={item.unchecked ? t('conversation.unchecked') : undefined}>
      {replyTo !== undefined && (
        <blockquote className="bubble__quote">
          <bdi className="bubble__quote-name">{replyTo.senderName}</bdi>
          <span className="truncate" dir="auto">
            {replyTo.text === '' ? t('conversation.quoteUnknown') : replyTo.text}
          </span>
        </blockquote>
      )}
      <Content item={item} />
      {item.editedAt !== undefined && item.deleted === undefined && (
        <small className="bubble__edited">{t('conversation.edited')}</small>
      )}
      {reactions !== undefined && reactions.length > 0 && (
        <span className="bubble__reactions">
          {reactions.map(({ emoji, userIds, own }) => (
            <span key={emoji} className={own ? 'reaction reaction--own' : 'reaction'}>
              {emoji} {userIds.length}
            </span>
          ))}
        </span>
      )}
    </div>
  );
}

/** What can be done about a message that did not go. */
function Rescue({ item, client }: { readonly item: MessageItem; readonly client: GodwitClient }) {
  const final = item.failure?.final === true;
  const words = failureWords(item);
  return (
    <span className="message__rescue" title={words}>
      <span className="visually-hidden">{words}</span>
      {!final && (
        <IconButton
          icon="retry"
          size={18}
          label={t('message.retry')}
          onClick={() => client.retry(item.localId)}
        />
      )}
      <IconButton
        icon="trash"
        size={18}
        label={t('message.discard')}
        onClick={() => client.discard(item.localId)}
      />
    </span>
  );
}

function Head({ item, group }: { readonly item: MessageItem; readonly group: boolean }) {
  return (
    <div className="message__head">
      {group && !item.own && (
        <bdi className={`message__name tone tone-${toneOf(item.senderId)}`}>{item.senderName}</bdi>
      )}
      <time dateTime={isoTime(item.time)}>{timeOfDay(item.time)}</time>
    </div>
  );
}

function messageClass(row: Row): string {
  const parts = ['message', row.item.own ? 'message--own' : 'message--other'];
  if (row.startsGroup) parts.push('message--first');
  if (row.endsGroup) parts.push('message--last');
  if (row.item.unchecked === true) parts.push('message--unchecked');
  return parts.join(' ');
}

function Message({ row, context }: Props) {
  const { item, startsGroup } = row;
  const stuck = item.status === 'failed' || item.status === 'unsaved';
  const name = item.own ? t('conversation.you') : item.senderName;
  return (
    <div
      role="listitem"
      className={messageClass(row)}
      data-message={item.localId}
      data-status={item.status}
    >
      {startsGroup && context.group && !item.own && (
        <span className="message__avatar">
          <Avatar id={item.senderId} name={item.senderName} size="s" />
        </span>
      )}
      {startsGroup && <Head item={item} group={context.group} />}
      <div className="message__line">
        <span className="visually-hidden">
          {t('conversation.said', { name, time: timeOfDay(item.time) })}
        </span>
        {item.own && stuck && <Rescue item={item} client={context.client} />}
        {!startsGroup && !stuck && (
          <span className="message__when" aria-hidden="true">
            {timeOfDay(item.time)}
          </span>
        )}
        <Bubble item={item} />
        {item.own && (
          <span className="message__mark">
            <StatusMark status={item.status} />
          </span>
        )}
      </div>
    </div>
  );
}

function SystemMessage({ row, context }: Props) {
  const { item } = row;
  if (item.system === undefined) return null;
  return (
    <div
      role="listitem"
      className="system-line"
      data-message={item.localId}
      data-status={item.status}
    >
      <span dir="auto">
        {systemText(item.system, item.senderId, item.senderName, context.names)}
      </span>
    </div>
  );
}

export const MessageRow = memo(function MessageRow({ row, context }: Props) {
  return (
    <>
      {row.startsDay && (
        <div role="listitem" className="day">
          <span>{dayHeading(row.item.time, context.today)}</span>
        </div>
      )}
      {row.startsUnread && (
        <div role="listitem" className="unread-line">
          <span>{t('conversation.unreadDivider')}</span>
        </div>
      )}
      {row.item.system === undefined ? (
        <Message row={row} context={context} />
      ) : (
        <SystemMessage row={row} context={context} />
      )}
    </>
  );
});
