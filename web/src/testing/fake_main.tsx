// The development page fake.html: the interface over an invented world, which is also at
// `window.fakeClient` for scripts and the console. `?out` begins signed out, `?empty` without chats.
import { start } from '../start';
import { FakeClient, SIGNED_OUT } from './fake_client';
import { makeWorld } from './fake_world';

declare global {
  interface Window {
    fakeClient?: FakeClient;
  }
}

function chooseWorld(query: URLSearchParams): FakeClient {
  if (query.has('out')) return new FakeClient();
  if (!query.has('empty')) return makeWorld();
  const client = new FakeClient({
    ...SIGNED_OUT,
    session: { userId: '1', username: 'tamar', displayName: 'Tamar' },
  });
  client.chats.set([]);
  return client;
}

window.fakeClient = chooseWorld(new URLSearchParams(location.search));
start(window.fakeClient);
