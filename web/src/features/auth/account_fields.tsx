// The fields of the first screen: two to sign in, up to four to make an account.
import { t } from '../../i18n';
import { Field } from '../../ui/field';
import type { AccountForm, FieldName } from './use_account_form';

interface Props {
  readonly form: AccountForm;
}

/** What ties a field to its value in the form. */
function bound(form: AccountForm, name: FieldName) {
  return {
    name,
    value: form.values[name],
    error: form.problems[name],
    onChange: (event: { target: { value: string } }) => form.change(name, event.target.value),
  };
}

function UsernameField({ form }: Props) {
  return (
    <Field
      {...bound(form, 'username')}
      label={t('auth.username')}
      {...(form.mode === 'up' ? { hint: t('auth.usernameHint') } : {})}
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={64}
      required
    />
  );
}

function DisplayNameField({ form }: Props) {
  return (
    <Field
      {...bound(form, 'displayName')}
      label={t('auth.displayName')}
      hint={t('auth.displayNameHint')}
      autoComplete="name"
      dir="auto"
      maxLength={64}
      required
    />
  );
}

function PasswordField({ form }: Props) {
  return (
    <Field
      {...bound(form, 'password')}
      label={t('auth.password')}
      {...(form.mode === 'up' ? { hint: t('auth.passwordHint') } : {})}
      type="password"
      autoComplete={form.mode === 'in' ? 'current-password' : 'new-password'}
      maxLength={256}
      required
    />
  );
}

function InviteField({ form }: Props) {
  return (
    <Field
      {...bound(form, 'invite')}
      label={t('auth.invite')}
      hint={t('auth.inviteHint')}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
    />
  );
}

export function AccountFields({ form }: Props) {
  return (
    <div className="auth__fields">
      <UsernameField form={form} />
      {form.mode === 'up' && <DisplayNameField form={form} />}
      <PasswordField form={form} />
      {form.mode === 'up' && form.invited && <InviteField form={form} />}
    </div>
  );
}
