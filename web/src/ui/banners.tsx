// Notices about the network, the storage and the session, laid over the page so that they move nothing.
// At most two at a time, the most important ones; those that one can live with can be put away.
import { useState } from 'react';

import { t } from '../i18n';
import { noticesFor, type Notice } from '../state/banners';
import { useApp } from '../state/client_context';
import { Action, Words } from './banner_words';
import './banners.css';
import { IconButton } from './button';

const SHOWN_MAX = 2;

const DISMISSIBLE: ReadonlySet<Notice['kind']> = new Set(['memory', 'polling', 'failed', 'update']);

interface BannerProps {
  readonly notice: Notice;
  readonly onSignIn: () => void;
  readonly onDismiss: () => void;
}

function Banner({ notice, onSignIn, onDismiss }: BannerProps) {
  return (
    <div className={`banner banner--${notice.kind}`} data-banner={notice.kind}>
      <p className="banner__words">
        <Words notice={notice} />
      </p>
      <Action notice={notice} onSignIn={onSignIn} />
      {DISMISSIBLE.has(notice.kind) && (
        <IconButton
          className="banner__close"
          icon="close"
          size={16}
          label={t('banner.dismiss')}
          onClick={onDismiss}
        />
      )}
    </div>
  );
}

/** A notice that was put away comes back when it says something else. */
function keyOf(notice: Notice): string {
  if (notice.kind === 'memory') return `memory:${notice.reason}`;
  return notice.kind === 'failed' ? `failed:${notice.count}` : notice.kind;
}

export function Banners({ onSignIn }: { readonly onSignIn: () => void }) {
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const notices = noticesFor(useApp()).filter((notice) => !dismissed.has(keyOf(notice)));
  return (
    <div className="banners" role="status">
      {notices.slice(0, SHOWN_MAX).map((notice, place) => (
        <Banner
          // With its place: one that takes another's place appears there, nothing slides.
          key={`${place}:${notice.kind}`}
          notice={notice}
          onSignIn={onSignIn}
          onDismiss={() => setDismissed(new Set(dismissed).add(keyOf(notice)))}
        />
      ))}
    </div>
  );
}
