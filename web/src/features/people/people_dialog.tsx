// Finding: one's chats by name at once, people of the server as one types; Enter or a press opens. The
// same list can pick several people for a group.
import { useCallback, useEffect, useState, type KeyboardEvent } from 'react';

import type { ChatRow, Person } from '@godwit/core/types';

import { t } from '../../i18n';
import { sentenceForError } from '../../i18n/errors';
import { matching } from '../../state/chat_list';
import { useApp, useClient, useLive } from '../../state/client_context';
import { leave, navigate, useRoute } from '../../state/router';
import { Avatar } from '../../ui/avatar';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { Spinner } from '../../ui/spinner';
import { GroupForm } from './group_form';
import './people.css';
import { usePeopleSearch } from './use_people_search';

const CHATS_SHOWN_MAX = 6;

interface EntryProps {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly group?: boolean;
  readonly picked?: boolean | undefined;
  readonly onPress: () => void;
}

function Entry({ id, name, detail, group = false, picked, onPress }: EntryProps) {
  return (
    <li>
      <button type="button" className="person" aria-pressed={picked} onClick={onPress}>
        <Avatar id={id} name={name} group={group} />
        <span className="person__name truncate">
          <bdi>{name}</bdi>
        </span>
        <span className="person__detail truncate">
          <bdi>{detail}</bdi>
        </span>
        {picked === true && (
          <span className="person__tick">
            <Icon name="check" />
          </span>
        )}
      </button>
    </li>
  );
}

/** Down from the field into the results, and through them. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('.people__field, .person')];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  event.preventDefault();
  stops[Math.min(stops.length - 1, Math.max(0, at + step))]?.focus();
}

interface ResultsProps {
  readonly chats: readonly ChatRow[];
  readonly people: readonly Person[];
  readonly picked: readonly Person[] | undefined;
  readonly onChat: (chatId: string) => void;
  readonly onPerson: (person: Person) => void;
}

function Results({ chats, people, picked, onChat, onPerson }: ResultsProps) {
  return (
    <>
      {picked === undefined && chats.length > 0 && (
        <>
          <h3 className="people__heading">{t('people.chats')}</h3>
          <ul>
            {chats.slice(0, CHATS_SHOWN_MAX).map((row) => (
              <Entry
                key={row.chatId}
                id={row.peerId ?? row.chatId}
                name={row.title}
                detail={row.type === 'group' ? t('chats.group') : (row.preview?.text ?? '')}
                group={row.type === 'group'}
                onPress={() => onChat(row.chatId)}
              />
            ))}
          </ul>
        </>
      )}
      {people.length > 0 && (
        <>
          <h3 className="people__heading">{t('people.people')}</h3>
          <ul>
            {people.map((person) => (
              <Entry
                key={person.userId}
                id={person.userId}
                name={person.displayName}
                detail={`@${person.username}`}
                picked={picked?.some(({ userId }) => userId === person.userId)}
                onPress={() => onPerson(person)}
              />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

export function PeopleDialog() {
  const client = useClient();
  const route = useRoute();
  const ownId = useApp().session?.userId;
  const rows = useLive(client.chats) ?? [];
  const [query, setQuery] = useState('');
  const [picked, setPicked] = useState<readonly Person[]>();
  const [refusal, setRefusal] = useState<string>();
  const search = usePeopleSearch(query);
  const people = search.people.filter(({ userId }) => userId !== ownId);
  const chats = matching(rows, query);

  const close = useCallback(() => leave({ ...route, finding: false }), [route]);
  const openChat = (chatId: string): void =>
    navigate({ screen: 'chat', chatId, finding: false }, 'replace');

  const onPerson = (person: Person): void => {
    if (picked !== undefined) {
      const without = picked.filter(({ userId }) => userId !== person.userId);
      setPicked(without.length === picked.length ? [...picked, person] : without);
      return;
    }
    setRefusal(undefined);
    client
      .startDirect(person.userId)
      .then(openChat)
      .catch((error: unknown) => setRefusal(sentenceForError(error)));
  };

  useEffect(() => {
    document.querySelector<HTMLInputElement>('.people__field')?.focus();
  }, []);

  const empty = query.trim().length >= 2 && search.state === 'done' && people.length === 0;
  return (
    <Dialog title={t('people.title')} onClose={close} tall>
      {/* The arrow keys only add to the focus order. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="people" onKeyDown={moveFocus}>
        <div className="people__search">
          <Icon name="search" size={18} />
          <input
            className="people__field"
            type="search"
            dir="auto"
            aria-label={t('people.search')}
            placeholder={t('people.search')}
            autoComplete="off"
            spellCheck={false}
            maxLength={64}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
        </div>
        {picked === undefined ? (
          <button type="button" className="text-button" onClick={() => setPicked([])}>
            {t('people.newGroup')}
          </button>
        ) : (
          <GroupForm picked={picked} onRemove={onPerson} onMade={openChat} />
        )}
        <p className="people__refusal" role="alert">
          {refusal ?? search.refusal}
        </p>
        <div className="people__results">
          <Results
            chats={chats}
            people={people}
            picked={picked}
            onChat={openChat}
            onPerson={onPerson}
          />
          {search.state === 'busy' && people.length === 0 && (
            <div className="people__note">
              <Spinner label={t('people.searching')} />
            </div>
          )}
          {empty && <p className="people__note">{t('people.none')}</p>}
          {query.trim().length < 2 && <p className="people__note">{t('people.hint')}</p>}
        </div>
        {picked !== undefined && (
          <Button onClick={() => setPicked(undefined)}>{t('people.cancelGroup')}</Button>
        )}
        <p className="visually-hidden" role="status">
          {search.state === 'done' ? t('people.results', { count: people.length }) : ''}
        </p>
      </div>
    </Dialog>
  );
}
