// Where one is signed in, and an end to any other of these sessions.
import { useEffect, useState } from 'react';

import type { SessionInfo } from '@godwit/core/types';

import { t } from '../../i18n';
import { ago } from '../../i18n/dates';
import { sentenceForError } from '../../i18n/errors';
import { useApp, useClient } from '../../state/client_context';
import { useNow } from '../../state/clock';
import { Button } from '../../ui/button';
import { Spinner } from '../../ui/spinner';
import { describeClient } from './describe_client';

function clientName(userAgent: string): string {
  if (userAgent === '') return t('settings.sessionUnknown');
  const { browser, system } = describeClient(userAgent);
  return system === undefined ? browser : t('settings.sessionOn', { browser, system });
}

interface EntryProps {
  readonly session: SessionInfo;
  readonly onEnd: () => void;
}

function SessionEntry({ session, onEnd }: EntryProps) {
  const now = useNow();
  const client = clientName(session.client);
  return (
    <li className="session">
      <div className="session__what">
        <p className="session__client truncate">
          <bdi>{client}</bdi>
        </p>
        <p className="setting__note">
          {session.current
            ? t('settings.sessionCurrent')
            : t('settings.sessionSeen', { when: ago(session.lastSeenAt, now) })}
        </p>
      </div>
      {!session.current && (
        <Button onClick={onEnd} aria-label={t('settings.endSessionOf', { client })}>
          {t('settings.endSession')}
        </Button>
      )}
    </li>
  );
}

/** The sessions as the server knows them: undefined until it has answered. */
function useSessions() {
  const client = useClient();
  const { state } = useApp().connection;
  const reachable = state === 'online' || state === 'polling';
  const [sessions, setSessions] = useState<readonly SessionInfo[]>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    let wanted = true;
    client
      .sessions()
      .then((list) => {
        if (!wanted) return;
        setSessions(list);
        setProblem(undefined);
      })
      .catch((error: unknown) => {
        if (wanted) setProblem(sentenceForError(error));
      });
    return () => {
      wanted = false;
    };
  }, [client, reachable]); // asked again when the server is back

  const end = (sessionId: string): void => {
    client
      .endSession(sessionId)
      .then(() => setSessions((list) => list?.filter((one) => one.sessionId !== sessionId)))
      .catch((error: unknown) => setProblem(sentenceForError(error)));
  };

  return { sessions, problem, end };
}

export function SessionsSection() {
  const { sessions, problem, end } = useSessions();
  return (
    <section className="setting">
      <h3 className="setting__title">{t('settings.sessions')}</h3>
      <p className="setting__problem" role="alert">
        {problem}
      </p>
      {sessions === undefined && problem === undefined && (
        <Spinner label={t('settings.sessionsLoading')} />
      )}
      <ul>
        {sessions?.map((session) => (
          <SessionEntry
            key={session.sessionId}
            session={session}
            onEnd={() => end(session.sessionId)}
          />
        ))}
      </ul>
    </section>
  );
}
