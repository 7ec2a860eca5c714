// The first screen: signing in, or making an account. One form for both, so that what was typed stays
// when one turns to the other. The field for an invitation shows when one says so or the server asks.
import { t } from '../../i18n';
import { Button } from '../../ui/button';
import { Mark } from '../../ui/mark';
import { AccountFields } from './account_fields';
import './auth.css';
import { ShoreScene } from './shore_scene';
import { useAccountForm, type AccountForm } from './use_account_form';

/** The ways to the other form, and to the field for an invitation. */
function Turns({ form }: { readonly form: AccountForm }) {
  return (
    <div className="auth__turns">
      <button type="button" className="text-button" onClick={form.turn}>
        {form.mode === 'in' ? t('auth.switchToSignUp') : t('auth.switchToSignIn')}
      </button>
      {form.mode === 'up' && !form.invited && (
        <button type="button" className="text-button" onClick={form.showInvite}>
          {t('auth.haveInvite')}
        </button>
      )}
    </div>
  );
}

function AuthForm() {
  const form = useAccountForm();
  const action = form.mode === 'in' ? t('auth.signIn') : t('auth.signUp');
  return (
    <form className="auth__form" onSubmit={form.submit} noValidate>
      <div className="auth__brand">
        <Mark size={44} />
        <span>{t('app.name')}</span>
      </div>
      <h1 className="auth__title">
        {form.mode === 'in' ? t('auth.welcomeBack') : t('auth.welcome')}
      </h1>
      <p className="auth__tagline">{t('app.tagline')}</p>
      <AccountFields form={form} />
      <p className="auth__refusal" role="alert">
        {form.refusal}
      </p>
      <Button kind="primary" type="submit" busy={form.busy}>
        {form.busy ? t('auth.working') : action}
      </Button>
      <Turns form={form} />
    </form>
  );
}

export function AuthScreen() {
  return (
    <main className="auth">
      <section className="auth__story" aria-hidden="true">
        <ShoreScene />
        <p className="auth__words">{t('auth.story')}</p>
      </section>
      <section className="auth__side">
        <AuthForm />
      </section>
    </main>
  );
}
