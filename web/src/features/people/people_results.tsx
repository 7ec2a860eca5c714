// What was found: one's own chats, then people of the server, and a word where there is nothing to show.
import type { ChatRow, Person } from '@godwit/core/types';

import { t } from '../../i18n';
import { Avatar } from '../../ui/avatar';
import { Icon } from '../../ui/icon';
import { Spinner } from '../../ui/spinner';
import { QUERY_LENGTH_MIN, type PeopleSearch } from './use_people_search';

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

interface ChatsFoundProps {
  readonly chats: readonly ChatRow[];
  readonly onChat: (chatId: string) => void;
}

export function ChatsFound({ chats, onChat }: ChatsFoundProps) {
  if (chats.length === 0) return null;
  return (
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
  );
}

interface PeopleFoundProps {
  readonly people: readonly Person[];
  /** Who is picked for a group; undefined while none is being made. */
  readonly picked: readonly Person[] | undefined;
  readonly onPerson: (person: Person) => void;
}

export function PeopleFound({ people, picked, onPerson }: PeopleFoundProps) {
  if (people.length === 0) return null;
  return (
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
  );
}

interface NoteProps {
  readonly query: string;
  readonly search: PeopleSearch;
}

/** What stands where no person does. A refusal says for itself why there is nobody. */
export function NobodyNote({ query, search }: NoteProps) {
  if (query.trim().length < QUERY_LENGTH_MIN) {
    return <p className="people__note">{t('people.hint')}</p>;
  }
  if (search.refusal !== undefined) return null;
  if (search.state === 'done') return <p className="people__note">{t('people.none')}</p>;
  return (
    <div className="people__note">
      <Spinner label={t('people.searching')} />
    </div>
  );
}
