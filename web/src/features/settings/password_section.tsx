import { useState, type SubmitEvent } from 'react';

import { t } from '../../i18n';
import { sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';

const PASSWORD_LENGTH_MIN = 8;
const NOTHING = { old: '', fresh: '', again: '' };

type Values = typeof NOTHING;
type Problems = Partial<Values>;

function check(values: Values): Problems {
  const problems: Problems = {};
  if (values.old === '') problems.old = t('field.required');
  if (values.fresh.length < PASSWORD_LENGTH_MIN) problems.fresh = t('field.passwordShort');
  else if (values.again !== values.fresh) problems.again = t('field.passwordsDiffer');
  return problems;
}

interface Props {
  readonly username: string;
  readonly onChanged: () => void;
}

export function PasswordSection({ username, onChanged }: Props) {
  const client = useClient();
  const [values, setValues] = useState(NOTHING);
  const [problems, setProblems] = useState<Problems>({});
  const [changed, setChanged] = useState(false);
  const [busy, setBusy] = useState(false);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const found = check(values);
    setProblems(found);
    setChanged(false);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    client
      .changePassword({ oldPassword: values.old, newPassword: values.fresh })
      .then(() => {
        setValues(NOTHING);
        setChanged(true);
        onChanged();
      })
      .catch((error: unknown) =>
        setProblems({
          old: sentenceForError(error, {
            unauthenticated: 'error.wrongPassword',
            forbidden: 'error.wrongPassword',
          }),
        }),
      )
      .finally(() => setBusy(false));
  };

  const bind = (name: keyof Values) => ({
    type: 'password',
    value: values[name],
    error: problems[name],
    maxLength: 256,
    onChange: (event: { target: { value: string } }) =>
      setValues({ ...values, [name]: event.target.value }),
  });

  return (
    <section className="setting">
      <h3 className="setting__title">{t('settings.password')}</h3>
      <form onSubmit={submit} noValidate>
        {/* Lets password managers know whose password this is. */}
        <input type="text" value={username} autoComplete="username" readOnly hidden />
        <Field {...bind('old')} label={t('settings.oldPassword')} autoComplete="current-password" />
        <Field {...bind('fresh')} label={t('settings.newPassword')} autoComplete="new-password" />
        <Field
          {...bind('again')}
          label={t('settings.repeatPassword')}
          hint={changed ? t('settings.passwordChanged') : ''}
          autoComplete="new-password"
        />
        <Button type="submit" busy={busy}>
          {t('settings.changePassword')}
        </Button>
      </form>
    </section>
  );
}
