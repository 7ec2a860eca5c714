// A new password, for which the present one is asked.
import { t } from '../../i18n';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { useNewPassword } from './use_new_password';

interface Props {
  readonly username: string;
  readonly onChanged: () => void;
}

export function PasswordSection({ username, onChanged }: Props) {
  const { changed, busy, submit, bound } = useNewPassword(onChanged);
  return (
    <section className="setting">
      <h3 className="setting__title">{t('settings.password')}</h3>
      <form onSubmit={submit} noValidate>
        {/* Lets password managers know whose password this is. */}
        <input type="text" value={username} autoComplete="username" readOnly hidden />
        <Field
          {...bound('old')}
          label={t('settings.oldPassword')}
          autoComplete="current-password"
        />
        <Field {...bound('fresh')} label={t('settings.newPassword')} autoComplete="new-password" />
        <Field
          {...bound('again')}
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
