// What one types to sign in or to make an account, and what becomes of it: checked here, then asked of
// the server, whose refusal is worded where it belongs, at a field or below them all.
import { useState, type SubmitEvent } from 'react';

import type { GodwitClient } from '@godwit/core/types';

import { t } from '../../i18n';
import { isGodwitError, sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';

const PASSWORD_LENGTH_MIN = 8;

type Mode = 'in' | 'up';
export type FieldName = 'username' | 'displayName' | 'password' | 'invite';
type Problems = Partial<Record<FieldName, string>>;

/** What was typed; `invited` says whether the field for an invitation is there. */
interface Entry {
  readonly mode: Mode;
  readonly invited: boolean;
  readonly values: Readonly<Record<FieldName, string>>;
}

/** What is wrong: at fields, and with all of it. */
interface Faults {
  readonly problems: Problems;
  readonly refusal?: string;
}

export interface AccountForm extends Entry, Faults {
  readonly busy: boolean;
  readonly change: (name: FieldName, value: string) => void;
  readonly submit: (event: SubmitEvent) => void;
  /** From signing in to making an account, and back. */
  readonly turn: () => void;
  readonly showInvite: () => void;
}

const NOTHING: Entry = {
  mode: 'in',
  invited: false,
  values: { username: '', displayName: '', password: '', invite: '' },
};

function problemsOf({ mode, invited, values }: Entry): Problems {
  const problems: Problems = {};
  if (values.username.trim() === '') problems.username = t('field.required');
  if (values.password === '') problems.password = t('field.required');
  if (mode === 'in') return problems;
  if (values.displayName.trim() === '') problems.displayName = t('field.required');
  if (values.password.length < PASSWORD_LENGTH_MIN) problems.password = t('field.passwordShort');
  if (invited && values.invite.trim() === '') problems.invite = t('field.required');
  return problems;
}

function enter(client: GodwitClient, { mode, invited, values }: Entry): Promise<unknown> {
  const username = values.username.trim();
  if (mode === 'in') return client.login({ username, password: values.password });
  return client.register({
    username,
    displayName: values.displayName.trim(),
    password: values.password,
    ...(invited ? { invite: values.invite.trim() } : {}),
  });
}

/** A problem with `invite` where none was asked for means: the server wants one. */
function faultsOf(error: unknown, { mode, invited }: Entry): Faults {
  if (mode === 'in') {
    const refusal = sentenceForError(error, { unauthenticated: 'error.badCredentials' });
    return { problems: {}, refusal };
  }
  const code = isGodwitError(error) ? error.code : '';
  if (code === 'conflict') return { problems: { username: t('error.usernameTaken') } };
  if (code === 'forbidden' && !invited) {
    return { problems: { invite: t('error.registrationClosed') } };
  }
  const refusal = sentenceForError(error, {
    forbidden: 'error.inviteInvalid',
    invalid_content: 'error.invalidAccount',
  });
  return { problems: {}, refusal };
}

export function useAccountForm(): AccountForm {
  const client = useClient();
  const [entry, setEntry] = useState(NOTHING);
  const [faults, setFaults] = useState<Faults>({ problems: {} });
  const [busy, setBusy] = useState(false);

  const showInvite = (): void => setEntry((now) => ({ ...now, invited: true }));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (busy) return;
    const problems = problemsOf(entry);
    setFaults({ problems });
    if (Object.keys(problems).length > 0) return;
    setBusy(true);
    enter(client, entry)
      .catch((error: unknown) => {
        const refused = faultsOf(error, entry);
        if (refused.problems.invite !== undefined) showInvite();
        setFaults(refused);
      })
      .finally(() => setBusy(false));
  };
  const change = (name: FieldName, value: string): void => {
    setEntry({ ...entry, values: { ...entry.values, [name]: value } });
    setFaults({ ...faults, problems: { ...faults.problems, [name]: undefined } });
  };
  const turn = (): void => {
    setEntry({ ...entry, mode: entry.mode === 'in' ? 'up' : 'in' });
    setFaults({ problems: {} });
  };
  return { ...entry, ...faults, busy, change, submit, turn, showInvite };
}
