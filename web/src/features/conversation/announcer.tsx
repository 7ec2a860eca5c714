// Says new messages of others to a screen reader, and nothing else: not what was there when the chat
// was opened, not older pages, not one's own.
import { useState } from 'react';

import type { MessageItem } from '@godwit/core/types';

import { t } from '../../i18n';

const SPOKEN_LENGTH_MAX = 300;

export function Announcer({ items }: { readonly items: readonly MessageItem[] }) {
  const last = items.findLast((item) => item.seq !== undefined);
  const seq = last?.seq ?? 0;
  const [heardSeq, setHeardSeq] = useState(seq);
  const [words, setWords] = useState('');
  if (last !== undefined && seq > heardSeq) {
    setHeardSeq(seq);
    const text = last.text?.slice(0, SPOKEN_LENGTH_MAX);
    if (!last.own && last.system === undefined && text !== undefined) {
      setWords(t('conversation.announce', { name: last.senderName, text }));
    }
  }
  return (
    <div className="visually-hidden" aria-live="polite">
      {words}
    </div>
  );
}
