// A labelled input with a hint and an error below it. The line below is always there, so that an
// error that appears moves nothing.
import { useId, useState, type InputHTMLAttributes } from 'react';

import { t } from '../i18n';
import { IconButton } from './button';
import './field.css';

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, 'id'> {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
}

export function Field({ label, hint, error, type = 'text', ...rest }: Props) {
  const id = useId();
  const [revealed, setRevealed] = useState(false);
  const isPassword = type === 'password';
  return (
    <div className={error === undefined ? 'field' : 'field field--wrong'}>
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <div className="field__box">
        <input
          {...rest}
          id={id}
          type={isPassword && revealed ? 'text' : type}
          className="field__input"
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
        />
        {isPassword && (
          <IconButton
            className="field__reveal"
            icon={revealed ? 'eyeOff' : 'eye'}
            label={revealed ? t('auth.hidePassword') : t('auth.showPassword')}
            size={18}
            onClick={() => setRevealed(!revealed)}
          />
        )}
      </div>
      <p className="field__note" id={`${id}-note`} role={error === undefined ? undefined : 'alert'}>
        {error ?? hint}
      </p>
    </div>
  );
}
