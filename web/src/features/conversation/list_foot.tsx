// The line between the messages and the composer, always there and always as high: who is typing, and
// in words how the last own message stands, and why where it did not go.
import type { Conversation, MessageItem } from '@godwit/core/types';

import { t } from '../../i18n';
import { shortFailureWords } from './failure_words';
import './list_foot.css';

function typingText(typing: Conversation['typing']): string {
  const [first, second] = typing;
  if (first === undefined) return '';
  if (second === undefined) return t('typing.one', { name: first.name });
  if (typing.length === 2) return t('typing.two', { name: first.name, other: second.name });
  return t('typing.many', { count: typing.length });
}

function OwnStatus({ item }: { readonly item: MessageItem }) {
  const { status } = item;
  return (
    <span className={`list-foot__status list-foot__status--${status} truncate`} aria-hidden="true">
      {status === 'failed' ? shortFailureWords(item) : t(`statusShort.${status}`)}
    </span>
  );
}

export function ListFoot({ conversation }: { readonly conversation: Conversation }) {
  const { items, typing } = conversation;
  const last = items[items.length - 1];
  const words = typingText(typing);
  const own = last?.own === true && last.system === undefined ? last : undefined;
  return (
    <div className="list-foot measure">
      <span className="list-foot__typing truncate" role="status">
        {words !== '' && (
          <>
            <span className="list-foot__dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            <bdi>{words}</bdi>
          </>
        )}
      </span>
      {own !== undefined && <OwnStatus key={own.status} item={own} />}
    </div>
  );
}
