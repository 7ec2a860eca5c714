// How components reach the client: a context for the object, and subscriptions to its live values.
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';

import type { AppState, GodwitClient, Live } from '@godwit/core/types';

const ClientContext = createContext<GodwitClient | undefined>(undefined);

export const ClientProvider = ClientContext.Provider;

export function useClient(): GodwitClient {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error('useClient needs a ClientProvider around it');
  return client;
}

export function useLive<T>(live: Live<T>): T {
  const subscribe = useCallback((listener: () => void) => live.subscribe(listener), [live]);
  const get = useCallback(() => live.get(), [live]);
  return useSyncExternalStore(subscribe, get);
}

export function useApp(): AppState {
  return useLive(useClient().app);
}
