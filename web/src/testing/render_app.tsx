// Renders the whole app over a fake client, with a person at its keyboard.
import { render } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';

import { App } from '../app';
import type { FakeClient } from './fake_client';

export function renderApp(client: FakeClient, hash = '#/'): UserEvent {
  history.replaceState(null, '', hash);
  render(<App client={client} />);
  return userEvent.setup();
}

/** The rules broken on the page, by id. Colours are held by
 *  contrast.test.ts: jsdom paints nothing. */
export async function accessibilityFaults(): Promise<readonly string[]> {
  const { violations } = await axe.run(document.body, {
    rules: {
      'color-contrast': { enabled: false },
      'label-content-name-mismatch': { enabled: false }, // measures letters, too
    },
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}
