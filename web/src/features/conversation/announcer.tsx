// Says new messages of others to a screen reader, and nothing else: not what was there when the chat
// was opened (nor what the core then adds to what is remembered), not older pages, not one's own.
import { useState } from 'react';

import type { Conversation } from '@godwit/core/types';

import { t } from '../../i18n';

const SPOKEN_LENGTH_MAX = 300;

export function Announcer({ conversation }: { readonly conversation: Conversation }) {
  const { items, remembered = false } = conversation;
  const last = items.findLast((item) => item.seq !== undefined);
  const seq = last?.seq ?? 0;
  const [heardSeq, setHeardSeq] = useState(seq);
  const [begun, setBegun] = useState(!remembered);
  const [words, setWords] = useState('');
  if (!begun && !remembered) {
    setBegun(true);
    setHeardSeq(seq);
  } else if (last !== undefined && seq > heardSeq) {
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
