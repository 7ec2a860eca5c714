// What jsdom lacks and the components use.
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

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
