import { useState, type SubmitEvent } from 'react';

import type { Person } from '@godwit/core/types';

import { t } from '../../i18n';
import { sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';
import { Avatar } from '../../ui/avatar';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';

export function NameSection({ person }: { readonly person: Person }) {
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
  return (
    <section className="setting">
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
      <form onSubmit={submit} noValidate>
        <Field
          label={t('settings.name')}
          value={name}
          error={problem}
          hint={saved ? t('settings.nameSaved') : ''}
          dir="auto"
          autoComplete="name"
          maxLength={64}
          onChange={(event) => {
            setName(event.target.value);
            setSaved(false);
            setProblem(undefined);
          }}
        />
        <Button type="submit" busy={busy} disabled={!changed}>
          {t('settings.saveName')}
        </Button>
      </form>
    </section>
  );
}
