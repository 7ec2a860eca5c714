// The few fields a group begins with: who, and what it is called.
import { useState, type SubmitEvent } from 'react';

import type { Person } from '@godwit/core/types';

import { t } from '../../i18n';
import { sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Icon } from '../../ui/icon';

interface Props {
  readonly picked: readonly Person[];
  readonly onRemove: (person: Person) => void;
  readonly onMade: (chatId: string) => void;
}

/** A group's name as it is typed, and the making of the group. */
function useNewGroup(picked: readonly Person[], onMade: (chatId: string) => void) {
  const client = useClient();
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (name.trim() === '') {
      setProblem(t('field.required'));
      return;
    }
    setBusy(true);
    client
      .createGroup(
        name.trim(),
        picked.map(({ userId }) => userId),
      )
      .then(onMade)
      .catch((error: unknown) => {
        setProblem(sentenceForError(error));
        setBusy(false);
      });
  };
  return { name, setName, problem, busy, submit };
}

function Picked({ picked, onRemove }: Omit<Props, 'onMade'>) {
  return (
    <ul className="group-form__picked">
      {picked.map((person) => (
        <li key={person.userId}>
          <button
            type="button"
            className="chip truncate"
            aria-label={t('people.remove', { name: person.displayName })}
            onClick={() => onRemove(person)}
          >
            <bdi>{person.displayName}</bdi>
            <Icon name="close" size={14} />
          </button>
        </li>
      ))}
    </ul>
  );
}

export function GroupForm({ picked, onRemove, onMade }: Props) {
  const { name, setName, problem, busy, submit } = useNewGroup(picked, onMade);
  return (
    <form className="group-form" onSubmit={submit} noValidate>
      <Field
        label={t('people.groupName')}
        value={name}
        error={problem}
        hint={t('people.picked', { count: picked.length })}
        dir="auto"
        maxLength={64}
        onChange={(event) => setName(event.target.value)}
      />
      <Picked picked={picked} onRemove={onRemove} />
      <Button kind="primary" type="submit" busy={busy} disabled={picked.length === 0}>
        {t('people.createGroup')}
      </Button>
    </form>
  );
}
