// What the page tells the client, and the warning on leaving where leaving would lose something.
import { useEffect } from 'react';

import { useApp, useClient } from './client_context';
import { pageVisible } from './page_activity';

export function usePageSignals(): void {
  const client = useClient();
  useEffect(() => {
    const tell = (): void => client.setVisible(pageVisible.get());
    tell();
    return pageVisible.subscribe(tell);
  }, [client]);

  const { storage, unsent } = useApp();
  const wouldLose = storage.state === 'memory' && unsent > 0;
  useEffect(() => {
    if (!wouldLose) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [wouldLose]);
}
