// Notices about the network, the storage and the session, laid over the page so that they move nothing.
// At most two at a time, the most important ones; those that one can live with can be put away.
import { useEffect, useState, type ReactNode } from 'react';

import { t } from '../i18n';
import { noticesFor, type Notice } from '../state/banners';
import { useApp, useClient } from '../state/client_context';
import './banners.css';
import { IconButton } from './button';

const SHOWN_MAX = 2;

function Countdown({ until }: { readonly until: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((until - now) / 1_000);
  // Another number is another element: replaced, not moved.
  return seconds > 0 ? <span key={seconds}> {t('banner.retryIn', { count: seconds })}</span> : null;
}

interface ActionProps {
  readonly label: string;
  readonly onPress: () => void;
}

function Action({ label, onPress }: ActionProps) {
  return (
    <button type="button" className="banner__action" onClick={onPress}>
      {label}
    </button>
  );
}

function useContent(notice: Notice, onSignIn: () => void): readonly [ReactNode, ReactNode] {
  const client = useClient();
  switch (notice.kind) {
    case 'halted':
      return [
        t('banner.halted'),
        <Action key="act" label={t('banner.reload')} onPress={() => location.reload()} />,
      ];
    case 'sessionEnded':
      return [
        t('banner.sessionEnded'),
        <Action key="act" label={t('banner.signIn')} onPress={onSignIn} />,
      ];
    case 'memory':
      return [
        <>
          <strong>{t('banner.memoryTitle')}</strong> {t(`banner.memory.${notice.reason}`)}
        </>,
        null,
      ];
    case 'offline':
      return [
        <>
          {notice.keeps ? t('banner.offline') : t('banner.offlineMemory')}
          {notice.retryAt !== undefined && <Countdown until={notice.retryAt} />}
        </>,
        <Action key="act" label={t('banner.tryNow')} onPress={() => client.reconnectNow()} />,
      ];
    case 'connecting':
      return [t('banner.connecting'), null];
    case 'polling':
      return [t('banner.polling'), null];
    case 'failed':
      return [t('banner.failed', { count: notice.count }), null];
    case 'damaged':
      return [
        <>
          {t('banner.damaged', { count: notice.items.length })}
          {notice.items.map(({ localId, text }) =>
            text === undefined ? null : (
              <q key={localId} className="banner__rest" dir="auto">
                {text}
              </q>
            ),
          )}
        </>,
        <Action
          key="act"
          label={t('message.discard')}
          onPress={() => notice.items.forEach(({ localId }) => client.discard(localId))}
        />,
      ];
    case 'update':
      return [
        t('banner.update'),
        <Action key="act" label={t('banner.reload')} onPress={() => location.reload()} />,
      ];
  }
}

const DISMISSIBLE: ReadonlySet<Notice['kind']> = new Set(['memory', 'polling', 'failed', 'update']);

interface BannerProps {
  readonly notice: Notice;
  readonly onSignIn: () => void;
  readonly onDismiss: () => void;
}

function Banner({ notice, onSignIn, onDismiss }: BannerProps) {
  const [words, action] = useContent(notice, onSignIn);
  return (
    <div className={`banner banner--${notice.kind}`} data-banner={notice.kind}>
      <p className="banner__words">{words}</p>
      {action}
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
