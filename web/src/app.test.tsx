import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { FakeClient, fakeError } from './testing/fake_client';
import { makeWorld } from './testing/fake_world';
import { accessibilityFaults, renderApp } from './testing/render_app';

describe('signing up and in', () => {
  it('[UI11] signs in with what was typed', async () => {
    const client = new FakeClient();
    const user = renderApp(client);
    await user.type(screen.getByLabelText('User name'), ' tamar ');
    await user.type(screen.getByLabelText('Password'), 'four small words{Enter}');
    expect(client.called('login')).toEqual([[{ username: 'tamar', password: 'four small words' }]]);
    expect(await screen.findByRole('navigation', { name: 'Your chats' })).toBeTruthy();
  });

  it('[UI11] a refusal is worded by its code, and what was typed stays', async () => {
    const client = new FakeClient();
    client.refuseNext = fakeError('unauthenticated');
    const user = renderApp(client);
    await user.type(screen.getByLabelText('User name'), 'tamar');
    await user.type(screen.getByLabelText('Password'), 'wrong word{Enter}');
    expect(await screen.findByText('User name or password do not match.')).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>('User name').value).toBe('tamar');
  });

  it('[UI11] asks for an invitation when the server does', async () => {
    const client = new FakeClient();
    const user = renderApp(client);
    await user.click(screen.getByRole('button', { name: /Create an account/ }));
    await user.type(screen.getByLabelText('User name'), 'nino');
    await user.type(screen.getByLabelText('Your name'), 'ნინო');
    await user.type(screen.getByLabelText('Password'), 'four small words');
    client.refuseNext = fakeError('forbidden');
    await user.click(screen.getByRole('button', { name: 'Create account' }));
    await user.type(await screen.findByLabelText('Invitation code'), 'sand-1');
    await user.click(screen.getByRole('button', { name: 'Create account' }));
    expect(client.called('register')[1]).toEqual([
      { username: 'nino', displayName: 'ნინო', password: 'four small words', invite: 'sand-1' },
    ]);
  });

  it('[UI11] nothing is sent while a field is missing or too short', async () => {
    const client = new FakeClient();
    const user = renderApp(client);
    await user.click(screen.getByRole('button', { name: /Create an account/ }));
    await user.type(screen.getByLabelText('Password'), 'short');
    await user.click(screen.getByRole('button', { name: 'Create account' }));
    expect(client.calls.filter(([name]) => name === 'register')).toEqual([]);
    expect(screen.getByText('At least 8 characters, please.')).toBeTruthy();
  });
});

describe('finding and opening', () => {
  it('[UI12] Ctrl+K finds a person, and choosing one opens the chat', async () => {
    const client = makeWorld();
    const user = renderApp(client);
    await user.keyboard('{Control>}k{/Control}');
    await user.type(screen.getByLabelText('Name or user name'), 'mara');
    await user.click(await screen.findByRole('button', { name: /@mara/ }));
    expect(client.called('startDirect')).toEqual([['7308']]);
    await waitFor(() => expect(location.hash).toBe('#/c/8003'));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('[UI12] arrow keys walk through the list', async () => {
    const user = renderApp(makeWorld());
    const links = screen.getAllByRole('link');
    links[0]?.focus();
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}');
    expect(document.activeElement).toBe(links[1]);
    await user.keyboard('{End}');
    expect(document.activeElement).toBe(links[links.length - 1]);
  });

  it('[UI10] Esc leaves the chat for the list', async () => {
    const user = renderApp(makeWorld(), '#/c/8001');
    await user.keyboard('{Escape}');
    expect(location.hash).toBe('#/');
  });

  it("[UI10] a chat that is not one's own is said to be missing, and nothing can be written to it", () => {
    renderApp(makeWorld(), '#/c/999');
    expect(screen.getByText('Washed away')).toBeTruthy();
    expect(screen.queryByTestId('composer')).toBeNull();
  });

  it('[UI10] a press on a chat opens it, and the back button leads to the list', async () => {
    const user = renderApp(makeWorld());
    const link = document.querySelector<HTMLElement>('[data-chat="8001"]');
    if (link === null) throw new Error('no chat in the list');
    await user.click(link);
    expect(location.hash).toBe('#/c/8001');
    await user.click(screen.getByRole('button', { name: 'Back to chats' }));
    await waitFor(() => expect(location.hash).toBe('#/'));
  });

  it('[UI14] the title counts what is unread', () => {
    const client = makeWorld();
    renderApp(client);
    expect(document.title).toBe('(16) Godwit');
    act(() => client.setApp({ totalUnread: 0 }));
    expect(document.title).toBe('Godwit');
  });
});

describe('notices and signing out', () => {
  it('[UI8] memory-only storage names its cause and cure', () => {
    const client = makeWorld();
    renderApp(client);
    act(() => client.setApp({ storage: { state: 'memory', reason: 'insecure' } }));
    const notice = document.querySelector('[data-banner="memory"]');
    expect(notice?.textContent).toContain('plain http');
    expect(notice?.textContent).toContain('https://');
  });

  it('[UI8] a session that ended offers to sign in and keeps everything', async () => {
    const client = makeWorld();
    const user = renderApp(client);
    act(() => client.setApp({ sessionEnded: true }));
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(screen.getByLabelText('Password')).toBeTruthy();
    expect(client.called('logout')).toEqual([]);
    act(() => client.setApp({ sessionEnded: false }));
    act(() => client.setApp({ sessionEnded: true }));
    expect(screen.getByRole('navigation', { name: 'Your chats' })).toBeTruthy();
  });

  it('[UI9] signing out asks when something is unsent, and only then', async () => {
    const client = makeWorld();
    const user = renderApp(client, '#/settings');
    act(() => client.setApp({ unsent: 2 }));
    await user.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(client.called('logout')).toEqual([]);
    expect(screen.getByText(/2 messages have not been sent/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Stay signed in' }));
    act(() => client.setApp({ unsent: 0 }));
    await user.click(screen.getByRole('button', { name: 'Sign out' }));
    expect(client.called('logout')).toEqual([[]]);
  });
});

describe('settings', () => {
  it('[UI17] changes the name, the theme and the password, and ends a session', async () => {
    const client = makeWorld();
    const user = renderApp(client, '#/settings');
    await user.clear(screen.getByLabelText('Your name'));
    await user.type(screen.getByLabelText('Your name'), 'Tamar B.{Enter}');
    expect(client.called('updateProfile')).toEqual([[{ displayName: 'Tamar B.' }]]);
    await user.click(screen.getByLabelText('Dark'));
    expect(document.documentElement.dataset['theme']).toBe('dark');
    await user.click(screen.getByLabelText('As the system'));
    expect(document.documentElement.dataset['theme']).toBeUndefined();
    await user.type(screen.getByLabelText('Present password'), 'old old old');
    await user.type(screen.getByLabelText('New password'), 'new new new');
    await user.type(screen.getByLabelText('New password again'), 'new new new{Enter}');
    expect(client.called('changePassword')).toEqual([
      [{ oldPassword: 'old old old', newPassword: 'new new new' }],
    ]);
    await screen.findByText(/All your other sessions are signed out/);
    const end = await screen.findByRole('button', { name: /End the session on Firefox/ });
    await user.click(end);
    expect(client.called('endSession')).toEqual([['2']]);
    await waitFor(() => expect(end.isConnected).toBe(false));
  });

  it('[SI5] saves a report as a file, says what is in it, and says when none can be made', async () => {
    const client = makeWorld();
    const saved: { name: string; bytes: Blob }[] = [];
    const blobs = new Map<string, Blob>();
    URL.createObjectURL = (blob) => {
      blobs.set('blob:1', blob as Blob);
      return 'blob:1';
    };
    URL.revokeObjectURL = () => undefined;
    HTMLAnchorElement.prototype.click = function click(this: HTMLAnchorElement) {
      saved.push({ name: this.download, bytes: blobs.get(this.href) as Blob });
    };
    const user = renderApp(client, '#/settings');
    await screen.findByText(/Not in it: texts, names, drafts and emoji/);
    await user.click(screen.getByRole('button', { name: 'Save a report' }));
    await screen.findByText('Saved.');
    expect(saved.map(({ name, bytes }) => [name, bytes.size])).toEqual([
      ['godwit-report.trace', 1],
    ]);
    client.trace = () => Promise.reject(new Error('no core answers'));
    await user.click(screen.getByRole('button', { name: 'Save a report' }));
    await screen.findByText(/No report can be made now/);
  });

  it('[UI17] asks for the sessions again once the server is back, and when the password changed', async () => {
    const client = makeWorld();
    client.setApp({ connection: { state: 'offline', synced: false } });
    client.refuseNext = fakeError('offline');
    const user = renderApp(client, '#/settings');
    await screen.findByText(/No answer from the server/);
    act(() => client.setApp({ connection: { state: 'online', synced: true } }));
    await screen.findByText('This one');
    expect(screen.queryByText(/No answer from the server/)).toBeNull();
    client.sessionList = client.sessionList.filter(({ current }) => current);
    await user.type(screen.getByLabelText('Present password'), 'old old old');
    await user.type(screen.getByLabelText('New password'), 'new new new');
    await user.type(screen.getByLabelText('New password again'), 'new new new{Enter}');
    await waitFor(() => expect(screen.queryByText('End session')).toBeNull());
  });

  it('[UI17] says why one cannot sign out without a network', async () => {
    const client = makeWorld();
    const user = renderApp(client, '#/settings');
    await screen.findByText('This one');
    client.setApp({ unsent: 0 });
    client.refuseNext = fakeError('offline');
    await user.click(screen.getByRole('button', { name: 'Sign out' }));
    await screen.findByText(/Signing out needs the server/);
  });
});

describe('accessibility', () => {
  it.each(['#/', '#/c/8001', '#/c/8002', '#/c/8003', '#/settings', '#/find'])(
    '[UI13] axe finds no fault on %s',
    async (hash) => {
      renderApp(makeWorld(), hash);
      await act(async () => Promise.resolve());
      expect(await accessibilityFaults()).toEqual([]);
    },
  );

  it('[UI13] axe finds no fault on the first screen', async () => {
    renderApp(new FakeClient());
    expect(await accessibilityFaults()).toEqual([]);
  });
});
