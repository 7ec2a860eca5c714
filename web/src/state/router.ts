// Where the person is, kept in the location's hash, so that the browser's own back button works and a
// reload returns to the same place. Parsing is pure and total: an unknown hash is the list.
import { useSyncExternalStore } from 'react';

export interface Route {
  readonly screen: 'chats' | 'chat' | 'settings';
  readonly chatId?: string;
  /** The dialog for finding people lies over whatever screen there is. */
  readonly finding: boolean;
}

const FIND_SUFFIX = '/find';

export function parseHash(hash: string): Route {
  let path = hash.startsWith('#') ? hash.slice(1) : hash;
  const finding = path.endsWith(FIND_SUFFIX);
  if (finding) path = path.slice(0, -FIND_SUFFIX.length);
  const chat = /^\/c\/(\d{1,20})$/.exec(path);
  if (chat?.[1] !== undefined) return { screen: 'chat', chatId: chat[1], finding };
  return { screen: path === '/settings' ? 'settings' : 'chats', finding };
}

export function toHash(route: Route): string {
  const path =
    route.screen === 'chat' && route.chatId !== undefined
      ? `/c/${route.chatId}`
      : route.screen === 'settings'
        ? '/settings'
        : '/';
  const base = path === '/' && route.finding ? '' : path;
  return `#${base}${route.finding ? FIND_SUFFIX : ''}`;
}

export const chatHash = (chatId: string): string =>
  toHash({ screen: 'chat', chatId, finding: false });

const listeners = new Set<() => void>();
let current: Route = parseHash(typeof location === 'undefined' ? '' : location.hash);

function refresh(): void {
  current = parseHash(location.hash);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener('popstate', refresh);
  listeners.add(listener);
  // The hash may have changed before anybody listened.
  current = parseHash(location.hash);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener('popstate', refresh);
  };
}

/** Goes there. `replace` leaves no step in the history. Entries that the app made itself are marked,
 *  so that `leave` knows whether "back" stays inside the app. */
export function navigate(route: Route, how: 'push' | 'replace' = 'push'): void {
  const hash = toHash(route);
  if (how === 'push' && hash !== location.hash) history.pushState({ godwit: true }, '', hash);
  else history.replaceState(history.state, '', hash);
  refresh();
}

/** Leaves a screen that lies over another one: back if the app led here, else to `fallback`. */
export function leave(fallback: Route): void {
  const state: unknown = history.state;
  const ours = typeof state === 'object' && state !== null && 'godwit' in state;
  if (ours) history.back();
  else navigate(fallback, 'replace');
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => current);
}
