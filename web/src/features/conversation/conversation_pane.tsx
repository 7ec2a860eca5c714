// An open chat: its bar, its messages, the composer.
import { useCallback, useState } from 'react';

import type { Conversation } from '@godwit/core/types';

import { t } from '../../i18n';
import { ago } from '../../i18n/dates';
import { useApp, useClient, useLive } from '../../state/client_context';
import { useNow } from '../../state/clock';
import { useConversationView } from '../../state/conversation_view';
import { leave } from '../../state/router';
import { Avatar } from '../../ui/avatar';
import { IconButton } from '../../ui/button';
import { EmptyState } from '../../ui/empty_state';
import { Spinner } from '../../ui/spinner';
import { Composer } from './composer';
import './conversation.css';
import './message.css';
import { MessageList } from './message_list';

function Presence({ conversation }: { readonly conversation: Conversation }) {
  const now = useNow();
  const { presence, type, members } = conversation;
  if (type === 'group') return <>{t('presence.members', { count: members.length })}</>;
  if (presence === undefined) return <>{'\u00a0'}</>;
  if (presence.status === 'online') return <>{t('presence.online')}</>;
  if (presence.status === 'away') return <>{t('presence.away')}</>;
  if (presence.lastSeen === undefined) return <>{t('presence.offline')}</>;
  return <>{t('presence.lastSeen', { when: ago(presence.lastSeen, now) })}</>;
}

function Bar({ conversation }: { readonly conversation: Conversation | undefined }) {
  return (
    <header className="bar conversation__bar">
      <IconButton
        className="conversation__back"
        icon="back"
        label={t('conversation.back')}
        onClick={() => leave({ screen: 'chats', finding: false })}
      />
      {conversation !== undefined && (
        <>
          <Avatar
            id={conversation.peerId ?? conversation.chatId}
            name={conversation.title}
            group={conversation.type === 'group'}
            presence={conversation.presence?.status}
          />
          <div className="conversation__who">
            <h2 className="conversation__title truncate">
              <bdi>{conversation.title || t('chats.unnamed')}</bdi>
            </h2>
            <p className="conversation__presence truncate">
              <Presence conversation={conversation} />
            </p>
          </div>
        </>
      )}
    </header>
  );
}

/** Known once the list is there and up to date: then a chat that is not in it is none of one's own. */
function useIsMissing(chatId: string): boolean {
  const rows = useLive(useClient().chats);
  const { synced } = useApp().connection;
  return synced && rows !== undefined && rows.every((row) => row.chatId !== chatId);
}

function Waiting({ missing }: { readonly missing: boolean }) {
  return (
    <div className="messages messages--waiting">
      {missing ? (
        <EmptyState title={t('conversation.missingTitle')} text={t('conversation.missingText')} />
      ) : (
        <Spinner label={t('conversation.loading')} />
      )}
    </div>
  );
}

export function ConversationPane({ chatId }: { readonly chatId: string }) {
  const client = useClient();
  const view = useConversationView(chatId);
  const conversation = useLive(view);
  const missing = useIsMissing(chatId) && conversation === undefined;
  const [sends, setSends] = useState(0);
  const send = useCallback(
    (text: string): void => {
      client.send(chatId, text);
      setSends((count) => count + 1);
    },
    [client, chatId],
  );
  return (
    <section className="pane conversation" aria-label={conversation?.title}>
      <Bar conversation={conversation} />
      {conversation === undefined ? (
        <Waiting missing={missing} />
      ) : (
        <MessageList conversation={conversation} loadOlder={view.loadOlder} sends={sends} />
      )}
      {conversation?.canSend === false && (
        <p className="conversation__closed">{t('conversation.cannotSend')}</p>
      )}
      {conversation?.canSend !== false && !missing && (
        <Composer
          chatId={chatId}
          title={conversation?.title ?? ''}
          draft={conversation?.draft ?? ''}
          onSend={send}
        />
      )}
    </section>
  );
}
