// The line between the messages and the composer, always there and always as high: who is typing, and
// in words how the last own message stands.
import type { Conversation } from '@godwit/core/types';

import { t } from '../../i18n';
import './list_foot.css';

function typingText(typing: Conversation['typing']): string {
  const [first, second] = typing;
  if (first === undefined) return '';
  if (second === undefined) return t('typing.one', { name: first.name });
  if (typing.length === 2) return t('typing.two', { name: first.name, other: second.name });
  return t('typing.many', { count: typing.length });
}

export function ListFoot({ conversation }: { readonly conversation: Conversation }) {
  const { items, typing } = conversation;
  const last = items[items.length - 1];
  const words = typingText(typing);
  const ownStatus = last?.own === true && last.system === undefined ? last.status : undefined;
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
      {ownStatus !== undefined && (
        <span
          key={ownStatus}
          className={`list-foot__status list-foot__status--${ownStatus}`}
          aria-hidden="true"
        >
          {t(`statusShort.${ownStatus}`)}
        </span>
      )}
    </div>
  );
}
