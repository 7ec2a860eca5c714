import { act, fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeClient, SIGNED_OUT } from '../../testing/fake_client';
import { asMember, ME, person } from '../../testing/fake_people';
import { makeChat, makeItem } from '../../testing/fake_views';
import { renderApp } from '../../testing/render_app';

const CHAT = '8001';
const TIME = new Date(2026, 10, 21, 9, 0).getTime();

function element(localId: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-message="${localId}"]`);
  if (found === null) throw new Error(`no message ${localId}`);
  return found;
}

const composer = (): HTMLTextAreaElement => screen.getByTestId('composer');

let client: FakeClient;

beforeEach(() => {
  client = new FakeClient({ ...SIGNED_OUT, session: ME });
  const peer = person('7308');
  client.addChat(
    ...makeChat({
      chatId: CHAT,
      title: peer.displayName,
      peerId: peer.userId,
      members: [asMember(ME), asMember(peer)],
      items: [makeItem({ localId: 'first', senderId: peer.userId, time: TIME })],
    }),
    Array.from({ length: 60 }, (_, index) =>
      makeItem({ localId: `old${index}`, seq: index, time: TIME - 3_600_000 }),
    ),
  );
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
});

describe('the composer', () => {
  it('[UI1] Enter sends what was typed, spaces and all, and empties the field', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), '  hello {Enter}');
    expect(client.called('send')).toEqual([[CHAT, '  hello ']]);
    expect(composer().value).toBe('');
    expect(client.conversation(CHAT).draft).toBe('');
  });

  it('[UI2] what is sent is what was typed, invisible characters too', () => {
    renderApp(client, `#/c/${CHAT}`);
    const text = '\ufeffBOM, nbsp\u00a0and zwj\u200d, \u202eturned, e\u0301';
    fireEvent.change(composer(), { target: { value: text } });
    fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(client.called('send')).toEqual([[CHAT, text]]);
  });

  it('[UI1] Shift+Enter breaks the line', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), 'a{Shift>}{Enter}{/Shift}b');
    expect(client.called('send')).toEqual([]);
    expect(composer().value).toBe('a\nb');
  });

  it('[UI1] an Enter that ends a composition sends nothing', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), 'こんにちは');
    fireEvent.keyDown(composer(), { key: 'Enter', isComposing: true });
    fireEvent.keyDown(composer(), { key: 'Enter', keyCode: 229 });
    expect(client.called('send')).toEqual([]);
  });

  it('[UI1] blank text is not sent', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), '   {Enter}');
    expect(client.called('send')).toEqual([]);
  });

  it('[UI1] 16 KiB of text are sent, one byte more is held back and said', () => {
    renderApp(client, `#/c/${CHAT}`);
    const full = 'é'.repeat(8_192);
    fireEvent.change(composer(), { target: { value: `${full}a` } });
    fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(client.called('send')).toEqual([]);
    expect(screen.getByRole('alert').textContent).toContain('1 byte');
    fireEvent.change(composer(), { target: { value: full } });
    fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(client.called('send')).toEqual([[CHAT, full]]);
  });

  it('[UI18] typing is told, and its end too', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), 'hi{Enter}');
    expect(client.called('setTyping')).toEqual([
      [CHAT, true],
      [CHAT, false],
    ]);
  });
});

describe('drafts', () => {
  it('[UI6] a draft of another device appears where nothing unsaved is written', () => {
    renderApp(client, `#/c/${CHAT}`);
    act(() => client.setConversation(CHAT, { draft: 'from the phone' }));
    expect(composer().value).toBe('from the phone');
  });

  it('[UI6] what is being written is not replaced by a draft of another device', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), 'mine');
    act(() => client.setConversation(CHAT, { draft: 'theirs' }));
    expect(composer().value).toBe('mine');
  });

  it('[UI6] what is unsaved is saved when the chat is left', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), 'half a thou');
    await user.keyboard('{Escape}');
    expect(client.called('setDraft')).toEqual([[CHAT, 'half a thou']]);
  });
});

describe('messages', () => {
  it('[UI2] text is shown as it is, never as markup', () => {
    const text = '<img src=x onerror=alert(1)> & <b>bold</b>\n\u202e  end ';
    act(() => client.arrive(CHAT, makeItem({ localId: 'odd', text, seq: 3, time: TIME })));
    renderApp(client, `#/c/${CHAT}`);
    const shown = within(element('odd')).getByTestId('message-text');
    expect(shown.textContent).toBe(text);
    expect(shown.querySelector('img, b')).toBeNull();
  });

  it('[UI2] a link opens elsewhere and tells nothing of here', () => {
    client.arrive(CHAT, makeItem({ localId: 'l', text: 'see https://example.org/', seq: 3 }));
    renderApp(client, `#/c/${CHAT}`);
    const link = screen.getByRole('link', { name: 'https://example.org/' });
    expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(link.getAttribute('target')).toBe('_blank');
  });

  it('[UI3] [UI4] one element goes through all states, each in words', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), 'on its way{Enter}');
    const own = element('own-1');
    expect(own.dataset['status']).toBe('saving');
    const words = { queued: 'Queued', sending: 'Sending', sent: 'Sent', read: 'Read' } as const;
    for (const [status, label] of Object.entries(words)) {
      act(() => client.setStatus(CHAT, 'own-1', status as keyof typeof words));
      expect(element('own-1')).toBe(own);
      expect(own.dataset['status']).toBe(status);
      expect(within(own).getByTitle(new RegExp(`^${label}`))).toBeTruthy();
    }
  });

  it('[UI4] what failed says why, and can be sent again or discarded', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), 'refused{Enter}');
    act(() => client.setStatus(CHAT, 'own-1', 'failed', 'forbidden'));
    const own = within(element('own-1'));
    expect(own.getByText(/Not sent: You may not do that here/)).toBeTruthy();
    // In sight too, where no pointer hovers.
    const foot = document.querySelector('.list-foot__status');
    expect(foot?.textContent).toBe('Not sent: You may not do that here.');
    await user.click(own.getByRole('button', { name: 'Try again' }));
    expect(client.called('retry')).toEqual([['own-1']]);
    await user.click(own.getByRole('button', { name: 'Discard' }));
    expect(document.querySelector('[data-message="own-1"]')).toBeNull();
  });

  it('[OB86] what storage has damaged shows what is left of it, and can only be discarded', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    await user.type(composer(), 'written{Enter}');
    act(() => client.setStatus(CHAT, 'own-1', 'failed', 'damaged', ''));
    const own = within(element('own-1'));
    expect(own.getByText('What was written here could not be read.')).toBeTruthy();
    expect(own.queryByRole('button', { name: 'Try again' })).toBeNull();
    act(() => client.setStatus(CHAT, 'own-1', 'failed', 'damaged', 'writ'));
    expect(own.getByText('writ')).toBeTruthy();
    expect(own.getByText(/This is all that can be read/)).toBeTruthy();
    await user.click(own.getByRole('button', { name: 'Discard' }));
    expect(client.called('discard')).toEqual([['own-1']]);
  });

  it('[OB86] what no chat can show stands in a notice until it is discarded', async () => {
    const user = renderApp(client, `#/c/${CHAT}`);
    act(() => client.setApp({ damaged: [{ localId: 'd1' }, { localId: 'd2', text: 'half a' }] }));
    expect(screen.getByText(/2 messages that were waiting on this device/)).toBeTruthy();
    expect(screen.getByText('half a')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Discard' }));
    expect(client.called('discard')).toEqual([['d1'], ['d2']]);
  });

  it('[UI3] older messages come in above while the ones shown stay the same elements', async () => {
    client.setConversation(CHAT, { hasOlder: true });
    renderApp(client, `#/c/${CHAT}`);
    const first = element('first');
    await act(async () => Promise.resolve());
    expect(element('old59')).toBeTruthy();
    expect(element('first')).toBe(first);
    const ids = [...document.querySelectorAll<HTMLElement>('[data-message]')].map(
      (one) => one.dataset['message'],
    );
    expect(ids[ids.length - 1]).toBe('first');
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('[UI13] new messages of others are announced, own ones and old ones are not', () => {
    renderApp(client, `#/c/${CHAT}`);
    const live = document.querySelector('.conversation [aria-live="polite"]');
    expect(live?.textContent).toBe('');
    act(() => client.arrive(CHAT, makeItem({ localId: 'n', text: 'news', seq: 9, time: TIME })));
    expect(live?.textContent).toBe('Nino: news');
  });
});

describe('read marks', () => {
  const incoming = makeItem({ localId: 'n', seq: 9, time: TIME });

  it('[UI5] a message that arrives in view is marked read', () => {
    renderApp(client, `#/c/${CHAT}`);
    act(() => client.arrive(CHAT, incoming));
    expect(client.called('markRead')).toEqual([[CHAT, 9]]);
  });

  it('[UI5] without the focus nothing is marked, with it at once', () => {
    const focus = vi.spyOn(document, 'hasFocus').mockReturnValue(false);
    renderApp(client, `#/c/${CHAT}`);
    act(() => client.arrive(CHAT, incoming));
    expect(client.called('markRead')).toEqual([]);
    focus.mockReturnValue(true);
    fireEvent.focus(window);
    expect(client.called('markRead')).toEqual([[CHAT, 9]]);
  });

  it('[UI5] further up nothing is marked, and the way down counts what came', () => {
    renderApp(client, `#/c/${CHAT}`);
    const scroller = screen.getByRole('region', { name: /Messages with/ });
    scroller.scrollTop = -500;
    fireEvent.scroll(scroller);
    act(() => client.arrive(CHAT, incoming));
    expect(client.called('markRead')).toEqual([]);
    const down = screen.getByTestId('newest');
    expect(down.getAttribute('aria-label')).toBe('1 new message');
    fireEvent.click(down);
    expect(scroller.scrollTop).toBe(0);
    expect(client.called('markRead')).toEqual([[CHAT, 9]]);
  });
});

describe('what is remembered from the last visit', () => {
  const unseen = makeItem({ localId: 'n', text: 'news', seq: 9, time: TIME });

  it('[LP7] [UI13] what the core adds is not announced, and what comes then is', () => {
    client.setConversation(CHAT, { remembered: true });
    renderApp(client, `#/c/${CHAT}`);
    const live = document.querySelector('.conversation [aria-live="polite"]');
    const items = [...client.conversation(CHAT).items, unseen];
    act(() => client.setConversation(CHAT, { items, remembered: undefined }));
    expect(element('n').textContent).toContain('news');
    expect(live?.textContent).toBe('');
    act(() => client.arrive(CHAT, makeItem({ localId: 'm', text: 'more', seq: 10, time: TIME })));
    expect(live?.textContent).toBe('Nino: more');
  });

  it('[LP7] [UI5] nothing is marked read, and the line over the unread ones stands where the core says', () => {
    client.setConversation(CHAT, { remembered: true, unread: 1, firstUnreadId: 'first' });
    renderApp(client, `#/c/${CHAT}`);
    expect(client.called('markRead')).toEqual([]);
    expect(document.querySelectorAll('.unread-line').length).toBe(1);
    const items = [...client.conversation(CHAT).items, unseen];
    act(() =>
      client.setConversation(CHAT, { items, unread: 1, firstUnreadId: 'n', remembered: undefined }),
    );
    expect(client.called('markRead')).toEqual([[CHAT, 9]]);
    const line = document.querySelector('.unread-line');
    expect(line?.nextElementSibling).toBe(element('n'));
    act(() => client.setConversation(CHAT, { firstUnreadId: undefined }));
    expect(document.querySelector('.unread-line')).toBe(line);
  });
});
