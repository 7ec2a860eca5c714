// The list of chats with its bar: the way to people, to settings, and through the list by arrow keys.
import { useRef, useState, type KeyboardEvent } from 'react';

import type { ChatRow } from '@godwit/core/types';

import { t } from '../../i18n';
import { sections } from '../../state/chat_list';
import { useApp, useClient, useLive } from '../../state/client_context';
import { useNow } from '../../state/clock';
import { navigate, useRoute } from '../../state/router';
import { Button, IconButton } from '../../ui/button';
import { EmptyState } from '../../ui/empty_state';
import { Icon } from '../../ui/icon';
import { Mark } from '../../ui/mark';
import { FIND_SHORTCUT } from '../../ui/shortcut';
import { Spinner } from '../../ui/spinner';
import { ChatRowLink } from './chat_row';
import './chats.css';

/** Arrow keys, Home and End move between the links of a list; Tab leaves it. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[event.key];
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a[data-chat]')];
  const at = links.findIndex((link) => link === document.activeElement);
  const target = links[Math.min(links.length - 1, Math.max(0, at + step))];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}

interface ListProps {
  readonly rows: readonly ChatRow[];
  readonly activeId: string | undefined;
}

function ChatList({ rows, activeId }: ListProps) {
  const now = useNow();
  const ownId = useApp().session?.userId ?? '';
  return (
    // Rows are placed by transforms: when one moves to the top, the others glide, and nothing counts
    // as a shift of the layout.
    <ul className="chats__list" style={{ '--rows': rows.length }}>
      {rows.map((row, index) => (
        <li
          key={row.chatId}
          className="chats__item"
          style={{ transform: `translateY(${index * 100}%)` }}
        >
          <ChatRowLink row={row} active={row.chatId === activeId} ownId={ownId} now={now} />
        </li>
      ))}
    </ul>
  );
}

function ChatsBody({ onFind }: { readonly onFind: () => void }) {
  const rows = useLive(useClient().chats);
  const { synced } = useApp().connection;
  const { chatId } = useRoute();
  const [archiveOpen, setArchiveOpen] = useState(false);
  if (rows === undefined) {
    return (
      <div className="chats__waiting">
        <Spinner label={t('chats.loading')} />
      </div>
    );
  }
  if (rows.length === 0 && !synced) return <p className="chats__not-yet">{t('chats.notYet')}</p>;
  if (rows.length === 0) {
    return (
      <EmptyState title={t('chats.emptyTitle')} text={t('chats.emptyText')}>
        <Button kind="primary" onClick={onFind}>
          {t('chats.find')}
        </Button>
      </EmptyState>
    );
  }
  const { shown, archived } = sections(rows);
  return (
    <>
      <ChatList rows={shown} activeId={chatId} />
      {archived.length > 0 && (
        <button
          type="button"
          className="text-button chats__archive"
          aria-expanded={archiveOpen}
          onClick={() => setArchiveOpen(!archiveOpen)}
        >
          {t('chats.archived', { count: archived.length })}
        </button>
      )}
      {archiveOpen && <ChatList rows={archived} activeId={chatId} />}
    </>
  );
}

export function ChatsPane() {
  const route = useRoute();
  const ref = useRef<HTMLElement>(null);
  const find = (): void => navigate({ ...route, finding: true });
  return (
    <section className="pane chats" aria-label={t('chats.title')}>
      <header className="bar chats__bar">
        <Mark size={36} />
        <h1 className="chats__title">{t('app.name')}</h1>
        <IconButton
          icon="settings"
          label={t('chats.settings')}
          onClick={() => navigate({ screen: 'settings', finding: false })}
        />
      </header>
      <button type="button" className="chats__find" onClick={find} aria-keyshortcuts="Control+K">
        <Icon name="search" size={18} />
        <span>{t('chats.find')}</span>
        <kbd className="chats__shortcut" aria-hidden="true">
          {FIND_SHORTCUT}
        </kbd>
      </button>
      {/* The arrow keys only add to the links' own focus order. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <nav ref={ref} className="chats__scroll" aria-label={t('chats.list')} onKeyDown={moveFocus}>
        <ChatsBody onFind={find} />
      </nav>
    </section>
  );
}
