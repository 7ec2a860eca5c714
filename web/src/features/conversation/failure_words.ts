// Why a message did not go, in words.
import type { MessageItem } from '@godwit/core/types';

import { t } from '../../i18n';
import { sentenceForCode } from '../../i18n/errors';

function reasonOf({ failure }: MessageItem): string {
  if (failure === undefined) return t('status.unsaved');
  return failure.final === true ? t('error.damagedPartly') : sentenceForCode(failure.code);
}

export function failureWords(item: MessageItem): string {
  return t('message.failedWhy', { reason: reasonOf(item) });
}
