// What jsdom lacks and the components use.
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// What is waited for, instead of one second: a bound for hangs on a busy machine, no statement of speed.
configure({ asyncUtilTimeout: 25_000 });

HTMLDialogElement.prototype.showModal = function showModal(): void {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close(): void {
  this.open = false;
};
// A desktop: a fine pointer, no other preference.
const media = (query: string): Pick<MediaQueryList, 'matches'> => ({
  matches: query.includes('pointer: fine'),
});
Object.assign(window, { matchMedia: media });

afterEach(() => {
  cleanup();
  history.replaceState(null, '', '#/');
});
