import { describe, expect, it } from 'vitest';

import { leave, navigate, parseHash, toHash, type Route } from './router';

describe('routes', () => {
  const routes: readonly Route[] = [
    { screen: 'chats', finding: false },
    { screen: 'chats', finding: true },
    { screen: 'settings', finding: false },
    { screen: 'settings', finding: true },
    { screen: 'chat', chatId: '730112345678901234', finding: false },
    { screen: 'chat', chatId: '1', finding: true },
  ];

  it('[UI10] every route survives the hash', () => {
    for (const route of routes) expect(parseHash(toHash(route))).toEqual(route);
  });

  it('[UI10] an unknown hash is the list', () => {
    for (const hash of ['', '#', '#/', '#/c/', '#/c/x', '#/c/1/2', '#/c/<b>', '#nonsense']) {
      expect(parseHash(hash)).toEqual({ screen: 'chats', finding: false });
    }
  });

  it('[UI10] leaving a screen that the app did not lead to makes no step back', () => {
    history.replaceState(null, '', '#/c/5');
    const length = history.length;
    leave({ screen: 'chats', finding: false });
    expect(location.hash).toBe('#/');
    expect(history.length).toBe(length);
  });

  it('[UI10] going to the same place twice is one step', () => {
    const length = history.length;
    navigate({ screen: 'settings', finding: false });
    navigate({ screen: 'settings', finding: false });
    expect(history.length).toBe(length + 1);
  });
});
