// What each notice says, and what one can do about it.
import { useEffect, useState } from 'react';

import type { DamagedItem } from '@godwit/core/types';

import { t } from '../i18n';
import type { Notice } from '../state/banners';
import { useClient } from '../state/client_context';

// A line of its own that is there also while there is nothing to count: what stands above does not jump.
function Countdown({ until }: { readonly until: number | undefined }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = until === undefined ? 0 : Math.ceil((until - now) / 1_000);
  return (
    <span className="banner__retry">
      {/* Another number is another element: replaced, not moved. */}
      {seconds > 0 && <span key={seconds}>{t('banner.retryIn', { count: seconds })}</span>}
    </span>
  );
}

/** How many are damaged, and what can still be read of them. */
function DamagedWords({ items }: { readonly items: readonly DamagedItem[] }) {
  return (
    <>
      {t('banner.damaged', { count: items.length })}
      {items.map(({ localId, text }) =>
        text === undefined ? null : (
          <q key={localId} className="banner__rest" dir="auto">
            {text}
          </q>
        ),
      )}
    </>
  );
}

export function Words({ notice }: { readonly notice: Notice }) {
  switch (notice.kind) {
    case 'memory':
      return (
        <>
          <strong>{t('banner.memoryTitle')}</strong> {t(`banner.memory.${notice.reason}`)}
        </>
      );
    case 'offline':
      return (
        <>
          {notice.keeps ? t('banner.offline') : t('banner.offlineMemory')}
          <Countdown until={notice.retryAt} />
        </>
      );
    case 'failed':
      return t('banner.failed', { count: notice.count });
    case 'damaged':
      return <DamagedWords items={notice.items} />;
    default:
      return t(`banner.${notice.kind}`);
  }
}

interface ActionProps {
  readonly notice: Notice;
  readonly onSignIn: () => void;
}

/** The label and the deed; undefined where there is nothing to do but to read. */
function useDeed({ notice, onSignIn }: ActionProps): readonly [string, () => void] | undefined {
  const client = useClient();
  switch (notice.kind) {
    case 'halted':
    case 'update':
      return [t('banner.reload'), () => location.reload()];
    case 'sessionEnded':
      return [t('banner.signIn'), onSignIn];
    case 'offline':
      return [t('banner.tryNow'), () => client.reconnectNow()];
    case 'damaged': {
      const { items } = notice;
      return [t('message.discard'), () => items.forEach(({ localId }) => client.discard(localId))];
    }
    default:
      return undefined;
  }
}

export function Action(props: ActionProps) {
  const deed = useDeed(props);
  if (deed === undefined) return null;
  const [label, act] = deed;
  return (
    <button type="button" className="banner__action" onClick={act}>
      {label}
    </button>
  );
}
