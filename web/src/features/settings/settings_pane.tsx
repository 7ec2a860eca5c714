// What belongs to the person and this device: name, theme, password, sessions, signing out.
import { useState } from 'react';

import { t } from '../../i18n';
import { useApp } from '../../state/client_context';
import { leave } from '../../state/router';
import { setTheme, useTheme, type Theme } from '../../state/theme';
import { IconButton } from '../../ui/button';
import { NameSection } from './name_section';
import { PasswordSection } from './password_section';
import { ReportSection } from './report_section';
import { SessionsSection } from './sessions_section';
import './settings.css';
import { SignOutSection } from './sign_out_section';

const THEMES: readonly (readonly [Theme, () => string])[] = [
  ['system', () => t('settings.themeSystem')],
  ['light', () => t('settings.themeLight')],
  ['dark', () => t('settings.themeDark')],
];

function ThemeSection() {
  const theme = useTheme();
  return (
    <section className="setting">
      <fieldset>
        <legend className="setting__title">{t('settings.theme')}</legend>
        <div className="choices">
          {THEMES.map(([value, label]) => (
            <label key={value} className="choice">
              <input
                type="radio"
                name="theme"
                value={value}
                checked={theme === value}
                onChange={() => setTheme(value)}
              />
              <span>{label()}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </section>
  );
}

export function SettingsPane() {
  const { session } = useApp();
  const [passwords, setPasswords] = useState(0); // each change ends sessions: their list is asked anew
  return (
    <section className="pane settings" aria-label={t('settings.title')}>
      <header className="bar settings__bar">
        <IconButton
          icon="back"
          label={t('settings.back')}
          onClick={() => leave({ screen: 'chats', finding: false })}
        />
        <h2 className="settings__title">{t('settings.title')}</h2>
      </header>
      <div className="settings__scroll">
        <div className="settings__column">
          {session && <NameSection key={session.userId} person={session} />}
          <ThemeSection />
          <PasswordSection
            username={session?.username ?? ''}
            onChanged={() => setPasswords(passwords + 1)}
          />
          <SessionsSection key={passwords} />
          <ReportSection />
          <SignOutSection />
        </div>
      </div>
    </section>
  );
}
