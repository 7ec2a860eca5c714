// The frame: who is signed in decides between the first screen and the messenger; the route decides
// what its panes show. Two panes on a desktop, one on a phone.
import { useEffect, useState } from 'react';

import type { GodwitClient } from '@godwit/core/types';

import './app.css';
import { AuthScreen } from './features/auth/auth_screen';
import { ChatsPane } from './features/chats/chats_pane';
import { ConversationPane } from './features/conversation/conversation_pane';
import { PeopleDialog } from './features/people/people_dialog';
import { SettingsPane } from './features/settings/settings_pane';
import { t } from './i18n';
import { ClientProvider, useApp } from './state/client_context';
import { usePageSignals } from './state/page_signals';
import { navigate, useRoute, type Route } from './state/router';
import { useTitleBadge } from './state/title_badge';
import { Banners } from './ui/banners';
import { EmptyState } from './ui/empty_state';
import { ErrorBoundary } from './ui/error_boundary';
import { FIND_SHORTCUT } from './ui/shortcut';
import { Spinner } from './ui/spinner';

/** Ctrl/Cmd+K finds; Esc leaves what lies over the list. Dialogs handle their own Esc. */
function useShortcuts(route: Route): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        if (!route.finding) navigate({ ...route, finding: true });
      } else if (event.key === 'Escape' && !event.isComposing && !route.finding) {
        if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
        if (route.screen === 'chats') return;
        const { chatId } = route;
        navigate({ screen: 'chats', finding: false });
        requestAnimationFrame(() =>
          document.querySelector<HTMLElement>(`a[data-chat="${chatId ?? ''}"]`)?.focus(),
        );
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [route]);
}

function MainPane({ route }: { readonly route: Route }) {
  if (route.screen === 'settings') return <SettingsPane />;
  if (route.chatId !== undefined) {
    return <ConversationPane key={route.chatId} chatId={route.chatId} />;
  }
  return (
    <section className="pane shell__nothing">
      <EmptyState
        title={t('conversation.pickTitle')}
        text={t('conversation.pickText', { shortcut: FIND_SHORTCUT })}
      />
    </section>
  );
}

function Messenger() {
  const route = useRoute();
  const [signingIn, setSigningIn] = useState(false);
  const { totalUnread, sessionEnded } = useApp();
  useTitleBadge(totalUnread);
  useShortcuts(route);
  if (signingIn && !sessionEnded) setSigningIn(false); // signed in: the next end is told by its banner again
  if (signingIn && sessionEnded) return <AuthScreen />;
  return (
    <div className="shell" data-screen={route.screen}>
      {route.screen === 'chat' && (
        <button
          type="button"
          className="shell__skip"
          onClick={() => document.querySelector<HTMLElement>('[data-testid="composer"]')?.focus()}
        >
          {t('app.skipToMessage')}
        </button>
      )}
      <ChatsPane />
      <main className="shell__main">
        <MainPane route={route} />
      </main>
      <Banners onSignIn={() => setSigningIn(true)} />
      {route.finding && <PeopleDialog />}
    </div>
  );
}

function Screens() {
  const { session } = useApp();
  usePageSignals();
  if (session === undefined) {
    return (
      <main className="fill-page">
        <Spinner label={t('app.loading')} />
      </main>
    );
  }
  return session === null ? <AuthScreen /> : <Messenger />;
}

export function App({ client }: { readonly client: GodwitClient }) {
  return (
    <ErrorBoundary>
      <ClientProvider value={client}>
        <Screens />
      </ClientProvider>
    </ErrorBoundary>
  );
}
