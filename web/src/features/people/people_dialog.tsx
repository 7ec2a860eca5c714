// Finding: one's chats by name at once, people of the server as one types; Enter or a press opens. The
// same list can pick several people for a group.
import { useCallback, useEffect, useState, type KeyboardEvent, type ReactNode } from 'react';

import { t } from '../../i18n';
import { matching } from '../../state/chat_list';
import { useApp, useClient, useLive } from '../../state/client_context';
import { leave, navigate, useRoute } from '../../state/router';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { GroupForm } from './group_form';
import './people.css';
import { ChatsFound, NobodyNote, PeopleFound } from './people_results';
import { useChoice, type Choice } from './use_choice';
import { usePeopleSearch } from './use_people_search';

/** Down from the field into the results, and through them. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('.people__field, .person')];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  event.preventDefault();
  stops[Math.min(stops.length - 1, Math.max(0, at + step))]?.focus();
}

/** The dialog around its parts. It begins in the field. */
function Frame({ children }: { readonly children: ReactNode }) {
  const route = useRoute();
  const close = useCallback(() => leave({ ...route, finding: false }), [route]);
  // Here rather than in the field: an opening dialog gives the focus to its first button, after the
  // effects of what it holds.
  useEffect(() => {
    document.querySelector<HTMLInputElement>('.people__field')?.focus();
  }, []);
  return (
    <Dialog title={t('people.title')} onClose={close} tall>
      {/* The arrow keys only add to the focus order. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="people" onKeyDown={moveFocus}>
        {children}
      </div>
    </Dialog>
  );
}

interface SearchFieldProps {
  readonly query: string;
  readonly onChange: (query: string) => void;
}

function SearchField({ query, onChange }: SearchFieldProps) {
  return (
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
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface GroupPartProps {
  readonly choice: Choice;
  readonly onMade: (chatId: string) => void;
}

function GroupPart({ choice, onMade }: GroupPartProps) {
  if (choice.picked !== undefined) {
    return <GroupForm picked={choice.picked} onRemove={choice.choose} onMade={onMade} />;
  }
  return (
    <button type="button" className="text-button" onClick={choice.beginGroup}>
      {t('people.newGroup')}
    </button>
  );
}

function openChat(chatId: string): void {
  navigate({ screen: 'chat', chatId, finding: false }, 'replace');
}

export function PeopleDialog() {
  const ownId = useApp().session?.userId;
  const rows = useLive(useClient().chats) ?? [];
  const [query, setQuery] = useState('');
  const choice = useChoice(openChat);
  const { picked, choose } = choice;
  const search = usePeopleSearch(query);
  const people = search.people.filter(({ userId }) => userId !== ownId);
  return (
    <Frame>
      <SearchField query={query} onChange={setQuery} />
      <GroupPart choice={choice} onMade={openChat} />
      <p className="people__refusal" role="alert">
        {choice.refusal ?? search.refusal}
      </p>
      <div className="people__results">
        {picked === undefined && <ChatsFound chats={matching(rows, query)} onChat={openChat} />}
        <PeopleFound people={people} picked={picked} onPerson={choose} />
        {people.length === 0 && <NobodyNote query={query} search={search} />}
      </div>
      {picked !== undefined && (
        <Button onClick={choice.cancelGroup}>{t('people.cancelGroup')}</Button>
      )}
      <p className="visually-hidden" role="status">
        {search.state === 'done' ? t('people.results', { count: people.length }) : ''}
      </p>
    </Frame>
  );
}
