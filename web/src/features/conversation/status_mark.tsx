// Where an own message stands, by shape first: ring, clock, arrow, tick, two ticks, a disc, a warning.
// The words are there too, for those who do not see the shape or hover over it. All have one size, so
// that a change moves nothing.
import type { ReactNode } from 'react';

import type { MessageStatus } from '@godwit/core/types';

import { t } from '../../i18n';
import './status_mark.css';

const shapes: Readonly<Record<MessageStatus, ReactNode>> = {
  saving: <circle className="status-mark__line" cx="8" cy="8" r="2.5" />,
  queued: (
    <>
      <circle className="status-mark__line" cx="8" cy="8" r="5.5" />
      <path className="status-mark__line" d="M8 5v3.200l2 1.3" />
    </>
  ),
  sending: <path className="status-mark__line" d="M8 12.500v-9M4.5 7 8 3.5 11.5 7" />,
  sent: <path className="status-mark__line" d="M3.5 8.5 6.5 11.5 12.5 5" />,
  delivered: (
    <path className="status-mark__line" d="M1.5 8.500l3 3L10.5 5M8 11.200l.4.300L14.5 5" />
  ),
  read: (
    <>
      <circle className="status-mark__fill" cx="8" cy="8" r="6.5" />
      <path className="status-mark__cut" d="M4.8 8.3 7 10.5 11.2 5.9" />
    </>
  ),
  failed: (
    <>
      <path className="status-mark__fill" d="M8 1.5 15 14H1Z" />
      <path className="status-mark__cut" d="M8 6v3.600M8 11.700v.1" />
    </>
  ),
  unsaved: (
    <>
      <rect className="status-mark__fill" x="1.5" y="1.5" width="13" height="13" rx="2.5" />
      <path className="status-mark__cut" d="M8 4.500v4.200M8 11.300v.1" />
    </>
  ),
};

export function StatusMark({ status }: { readonly status: MessageStatus }) {
  const words = t(`status.${status}`);
  return (
    <span className={`status-mark status-mark--${status}`} title={words}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        {shapes[status]}
      </svg>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
