// From the wire's codes to sentences. A code that this version does not know still says something.
import type { GodwitError } from '@godwit/core/types';

import type { en } from './messages.en';
import { t, type MessageKey } from './index';

type PlainKey = { [K in MessageKey]: (typeof en)[K] extends string ? K : never }[MessageKey];

const sentences: Readonly<Record<string, PlainKey>> = {
  bad_frame: 'error.bad_frame',
  unauthenticated: 'error.unauthenticated',
  forbidden: 'error.forbidden',
  not_found: 'error.not_found',
  too_large: 'error.too_large',
  rate_limited: 'error.rate_limited',
  invalid_content: 'error.invalid_content',
  conflict: 'error.conflict',
  damaged: 'error.damaged',
  group_full: 'error.group_full',
  unsupported: 'error.unsupported',
  unavailable: 'error.unavailable',
  offline: 'error.offline',
};

export function isGodwitError(error: unknown): error is GodwitError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

export function sentenceForCode(code: string): string {
  const key = sentences[code];
  return key === undefined ? t('error.unknown') : t(key as 'error.unknown');
}

/** What to say about a rejected promise; `special` words a code for the place where it happened. */
export function sentenceForError(
  error: unknown,
  special: Readonly<Record<string, PlainKey>> = {},
): string {
  if (!isGodwitError(error)) return t('error.unknown');
  const key = special[error.code];
  if (key !== undefined) return t(key as 'error.unknown');
  if (error.code === 'rate_limited' && error.retryAfterMs !== undefined) {
    return t('error.rate_limitedIn', { count: Math.max(1, Math.ceil(error.retryAfterMs / 1000)) });
  }
  return sentenceForCode(error.code);
}
