// What is shown when a component throws: a page of its own, and the way on. What the person wrote is
// with the client, outside React, and stays.
import { Component, type ReactNode } from 'react';

import { t } from '../i18n';
import { Button } from './button';
import { EmptyState } from './empty_state';

interface State {
  readonly crashed: boolean;
}

export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { crashed: false };

  static getDerivedStateFromError(): State {
    return { crashed: true };
  }

  override render(): ReactNode {
    if (!this.state.crashed) return this.props.children;
    return (
      <main className="fill-page" role="alert">
        <EmptyState title={t('crash.title')} text={t('crash.text')} heading="h1">
          <Button kind="primary" onClick={() => location.reload()}>
            {t('crash.reload')}
          </Button>
        </EmptyState>
      </main>
    );
  }
}
