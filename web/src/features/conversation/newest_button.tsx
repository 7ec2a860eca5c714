// While one reads further up: the way down, with the number of messages that have come since.
import { useState } from 'react';

import type { MessageItem } from '@godwit/core/types';

import { formatNumber, t } from '../../i18n';
import { Icon } from '../../ui/icon';
import './newest_button.css';

/** Messages of others after the one that was last when the reader left the bottom. */
export function arrivedSince(
  items: readonly MessageItem[],
  lastSeenId: string | undefined,
): number {
  if (lastSeenId === undefined) return 0;
  const at = items.findLastIndex((item) => item.localId === lastSeenId);
  if (at < 0) return 0;
  return items.slice(at + 1).filter((item) => !item.own && item.system === undefined).length;
}

interface Props {
  readonly items: readonly MessageItem[];
  readonly atBottom: boolean;
  readonly onPress: () => void;
}

export function NewestButton({ items, atBottom, onPress }: Props) {
  const lastId = items[items.length - 1]?.localId;
  const [seenId, setSeenId] = useState(lastId);
  if (atBottom && seenId !== lastId) setSeenId(lastId);
  const count = atBottom ? 0 : arrivedSince(items, seenId);
  const label = count > 0 ? t('conversation.newestCount', { count }) : t('conversation.newest');
  return (
    <button
      type="button"
      className={atBottom ? 'newest newest--hidden' : 'newest'}
      data-testid="newest"
      aria-label={label}
      title={label}
      inert={atBottom}
      onClick={onPress}
    >
      <Icon name="down" />
      {count > 0 && <span className="badge newest__count">{formatNumber(count)}</span>}
    </button>
  );
}
