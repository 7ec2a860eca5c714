// One's own name and picture, and a new name.
import { useState, type SubmitEvent } from 'react';

import type { Person } from '@godwit/core/types';

import { t } from '../../i18n';
import { sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';
import { Avatar } from '../../ui/avatar';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';

function Head({ person }: { readonly person: Person }) {
  return (
    <div className="setting__person">
      <Avatar id={person.userId} name={person.displayName} size="l" />
      <div className="setting__who">
        <h3 className="setting__name truncate">
          <bdi>{person.displayName}</bdi>
        </h3>
        <p className="setting__note truncate">
          {t('settings.username', { username: person.username })}
        </p>
      </div>
    </div>
  );
}

/** The name as it is typed, and what became of it. */
function useNewName(person: Person) {
  const client = useClient();
  const [name, setName] = useState(person.displayName);
  const [problem, setProblem] = useState<string>();
  const [saved, setSaved] = useState(false);
  const [busy, setBusy] = useState(false);
  const changed = name.trim() !== '' && name.trim() !== person.displayName;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!changed) return;
    setBusy(true);
    client
      .updateProfile({ displayName: name.trim() })
      .then(() => setSaved(true))
      .catch((error: unknown) => setProblem(sentenceForError(error)))
      .finally(() => setBusy(false));
  };
  const change = (now: string): void => {
    setName(now);
    setSaved(false);
    setProblem(undefined);
  };
  return { name, changed, problem, saved, busy, change, submit };
}

export function NameSection({ person }: { readonly person: Person }) {
  const { name, changed, problem, saved, busy, change, submit } = useNewName(person);
  return (
    <section className="setting">
      <Head person={person} />
      <form onSubmit={submit} noValidate>
        <Field
          label={t('settings.name')}
          value={name}
          error={problem}
          hint={saved ? t('settings.nameSaved') : ''}
          dir="auto"
          autoComplete="name"
          maxLength={64}
          onChange={(event) => change(event.target.value)}
        />
        <Button type="submit" busy={busy} disabled={!changed}>
          {t('settings.saveName')}
        </Button>
      </form>
    </section>
  );
}
