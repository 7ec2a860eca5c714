// The first screen: signing in, or making an account. One form for both, so that what was typed stays
// when one turns to the other. The field for an invitation shows when one says so or the server asks.
import { useState, type SubmitEvent } from 'react';

import { t } from '../../i18n';
import { isGodwitError, sentenceForError } from '../../i18n/errors';
import { useClient } from '../../state/client_context';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Mark } from '../../ui/mark';
import './auth.css';
import { ShoreScene } from './shore_scene';

type Mode = 'in' | 'up';
type FieldName = 'username' | 'displayName' | 'password' | 'invite';
type Values = Readonly<Record<FieldName, string>>;
type Problems = Partial<Record<FieldName, string>>;

const PASSWORD_LENGTH_MIN = 8;
const NO_VALUES: Values = { username: '', displayName: '', password: '', invite: '' };

function check(mode: Mode, values: Values, invited: boolean): Problems {
  const problems: Problems = {};
  if (values.username.trim() === '') problems.username = t('field.required');
  if (values.password === '') problems.password = t('field.required');
  if (mode === 'in') return problems;
  if (values.displayName.trim() === '') problems.displayName = t('field.required');
  if (values.password.length < PASSWORD_LENGTH_MIN) problems.password = t('field.passwordShort');
  if (invited && values.invite.trim() === '') problems.invite = t('field.required');
  return problems;
}

export function AuthScreen() {
  const client = useClient();
  const [mode, setMode] = useState<Mode>('in');
  const [values, setValues] = useState(NO_VALUES);
  const [invited, setInvited] = useState(false);
  const [problems, setProblems] = useState<Problems>({});
  const [refusal, setRefusal] = useState<string>();
  const [busy, setBusy] = useState(false);

  const enter = async (): Promise<void> => {
    const username = values.username.trim();
    if (mode === 'in') {
      await client.login({ username, password: values.password });
      return;
    }
    await client.register({
      username,
      displayName: values.displayName.trim(),
      password: values.password,
      ...(invited ? { invite: values.invite.trim() } : {}),
    });
  };

  const refuse = (error: unknown): void => {
    if (mode === 'in') {
      setRefusal(sentenceForError(error, { unauthenticated: 'error.badCredentials' }));
      return;
    }
    const code = isGodwitError(error) ? error.code : '';
    if (code === 'conflict') setProblems({ username: t('error.usernameTaken') });
    else if (code === 'forbidden' && !invited) {
      setInvited(true);
      setProblems({ invite: t('error.registrationClosed') });
    } else {
      setRefusal(
        sentenceForError(error, {
          forbidden: 'error.inviteInvalid',
          invalid_content: 'error.invalidAccount',
        }),
      );
    }
  };

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (busy) return;
    const found = check(mode, values, invited);
    setProblems(found);
    setRefusal(undefined);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    enter()
      .catch(refuse)
      .finally(() => setBusy(false));
  };

  const bind = (name: FieldName) => ({
    name,
    value: values[name],
    error: problems[name],
    onChange: (event: { target: { value: string } }) => {
      setValues({ ...values, [name]: event.target.value });
      if (problems[name] !== undefined) setProblems({ ...problems, [name]: undefined });
    },
  });

  return (
    <main className="auth">
      <section className="auth__story" aria-hidden="true">
        <ShoreScene />
        <p className="auth__words">{t('auth.story')}</p>
      </section>
      <section className="auth__side">
        <form className="auth__form" onSubmit={submit} noValidate>
          <div className="auth__brand">
            <Mark size={44} />
            <span>{t('app.name')}</span>
          </div>
          <h1 className="auth__title">
            {mode === 'in' ? t('auth.welcomeBack') : t('auth.welcome')}
          </h1>
          <p className="auth__tagline">{t('app.tagline')}</p>
          <div className="auth__fields">
            <Field
              {...bind('username')}
              label={t('auth.username')}
              {...(mode === 'up' ? { hint: t('auth.usernameHint') } : {})}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={64}
              required
            />
            {mode === 'up' && (
              <Field
                {...bind('displayName')}
                label={t('auth.displayName')}
                hint={t('auth.displayNameHint')}
                autoComplete="name"
                dir="auto"
                maxLength={64}
                required
              />
            )}
            <Field
              {...bind('password')}
              label={t('auth.password')}
              {...(mode === 'up' ? { hint: t('auth.passwordHint') } : {})}
              type="password"
              autoComplete={mode === 'in' ? 'current-password' : 'new-password'}
              maxLength={256}
              required
            />
            {mode === 'up' && invited && (
              <Field
                {...bind('invite')}
                label={t('auth.invite')}
                hint={t('auth.inviteHint')}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
              />
            )}
          </div>
          <p className="auth__refusal" role="alert">
            {refusal}
          </p>
          <Button kind="primary" type="submit" busy={busy}>
            {busy ? t('auth.working') : mode === 'in' ? t('auth.signIn') : t('auth.signUp')}
          </Button>
          <div className="auth__turns">
            <button
              type="button"
              className="text-button"
              onClick={() => {
                setMode(mode === 'in' ? 'up' : 'in');
                setProblems({});
                setRefusal(undefined);
              }}
            >
              {mode === 'in' ? t('auth.switchToSignUp') : t('auth.switchToSignIn')}
            </button>
            {mode === 'up' && !invited && (
              <button type="button" className="text-button" onClick={() => setInvited(true)}>
                {t('auth.haveInvite')}
              </button>
            )}
          </div>
        </form>
      </section>
    </main>
  );
}
