// The second line of a chat in the list: who is typing, else what one began to write, else what was said
// last.
import type { ChatRow } from '@godwit/core/types';

import { t } from '../../i18n';
import { systemText } from '../conversation/system_text';

function Typing({ row }: { readonly row: ChatRow }) {
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

function Draft({ text }: { readonly text: string }) {
  return (
    <>
      <span className="chat-row__draft">{t('chats.draft')}: </span>
      <bdi>{text}</bdi>
    </>
  );
}

interface LastMessageProps {
  readonly preview: NonNullable<ChatRow['preview']>;
  readonly inGroup: boolean;
}

function LastMessage({ preview, inGroup }: LastMessageProps) {
  const who = preview.own ? t('chats.you') : inGroup ? preview.senderName : '';
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

function draftOf(row: ChatRow): string {
  return row.draft?.trim() === '' ? '' : (row.draft ?? '');
}

interface PreviewProps {
  readonly row: ChatRow;
  readonly ownId: string;
}

export function Preview({ row, ownId }: PreviewProps) {
  const { preview, type, typing } = row;
  const draft = draftOf(row);
  if (typing.length > 0) return <Typing row={row} />;
  if (draft !== '') return <Draft text={draft} />;
  if (preview === undefined) return <>{t('chats.noMessages')}</>;
  if (preview.system === undefined) {
    return <LastMessage preview={preview} inGroup={type === 'group'} />;
  }
  const senderId = preview.own ? ownId : '';
  return (
    <bdi>{systemText(preview.system, senderId, preview.senderName, { members: [], ownId })}</bdi>
  );
}

/** Names what the preview says: other words are another element, not the old one moved. */
export function previewKey(row: ChatRow): string {
  if (row.typing.length > 0) return 'typing';
  if (draftOf(row) !== '') return 'draft';
  const { preview } = row;
  if (preview === undefined) return 'none';
  return `${preview.own ? 'own' : preview.senderName}: ${preview.text}`;
}
