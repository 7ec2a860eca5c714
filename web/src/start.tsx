// Puts the app on the page. The client is given, so that tests and the development page use another.
// First of all imports: it sets the order of the cascade's layers.
import './styles/base.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import type { GodwitClient } from '@godwit/core/types';

import { App } from './app';
import { locale } from './i18n';

export function start(client: GodwitClient): void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no #root');
  document.documentElement.lang = locale;
  createRoot(root).render(
    <StrictMode>
      <App client={client} />
    </StrictMode>,
  );
}
