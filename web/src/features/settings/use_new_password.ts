// A new password as it is typed: checked here, then asked of the server.
import { useState, type SubmitEvent } from 'react';

import { t } from '../../i18n';
import { sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';

const PASSWORD_LENGTH_MIN = 8;
const NOTHING = { old: '', fresh: '', again: '' };

type Values = typeof NOTHING;
type Problems = Partial<Values>;

function problemsOf(values: Values): Problems {
  const problems: Problems = {};
  if (values.old === '') problems.old = t('field.required');
  if (values.fresh.length < PASSWORD_LENGTH_MIN) problems.fresh = t('field.passwordShort');
  else if (values.again !== values.fresh) problems.again = t('field.passwordsDiffer');
  return problems;
}

function wordRefusal(error: unknown): string {
  return sentenceForError(error, {
    unauthenticated: 'error.wrongPassword',
    forbidden: 'error.wrongPassword',
  });
}

export function useNewPassword(onChanged: () => void) {
  const client = useClient();
  const [values, setValues] = useState(NOTHING);
  const [problems, setProblems] = useState<Problems>({});
  const [changed, setChanged] = useState(false);
  const [busy, setBusy] = useState(false);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const found = problemsOf(values);
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
      .catch((error: unknown) => setProblems({ old: wordRefusal(error) }))
      .finally(() => setBusy(false));
  };
  /** What ties a field to its value. */
  const bound = (name: keyof Values) => ({
    type: 'password',
    value: values[name],
    error: problems[name],
    maxLength: 256,
    onChange: (event: { target: { value: string } }) =>
      setValues({ ...values, [name]: event.target.value }),
  });
  return { changed, busy, submit, bound };
}
