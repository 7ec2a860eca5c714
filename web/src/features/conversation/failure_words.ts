// Why a message did not go, in words.
import type { MessageItem } from '@godwit/core/types';

import { t } from '../../i18n';
import { sentenceForCode } from '../../i18n/errors';

function reasonOf({ failure }: MessageItem): string {
  if (failure === undefined) return t('status.unsaved');
  return failure.final === true ? t('error.damagedPartly') : sentenceForCode(failure.code);
}

/** For one line: of a damaged message there is more to say than fits. */
export function shortFailureWords(item: MessageItem): string {
  return item.failure?.code === 'damaged' ? t('statusShort.damaged') : failureWords(item);
}

export function failureWords(item: MessageItem): string {
  return t('message.failedWhy', { reason: reasonOf(item) });
}
