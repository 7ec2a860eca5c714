// Whether the person is looking: the page is visible, and its window has the focus. One store, so that
// the client's `setVisible`, read marks and announcements agree.
import { useSyncExternalStore } from 'react';

interface Signal {
  readonly get: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
}

function makeSignal(read: () => boolean): Signal {
  const events = ['visibilitychange', 'focus', 'blur', 'pageshow', 'pagehide'] as const;
  return {
    get: read,
    subscribe: (listener) => {
      document.addEventListener('visibilitychange', listener);
      for (const event of events.slice(1)) window.addEventListener(event, listener);
      return () => {
        document.removeEventListener('visibilitychange', listener);
        for (const event of events.slice(1)) window.removeEventListener(event, listener);
      };
    },
  };
}

export const pageVisible = makeSignal(() => document.visibilityState === 'visible');
export const pageFocused = makeSignal(
  () => document.visibilityState === 'visible' && document.hasFocus(),
);

export function usePageFocused(): boolean {
  return useSyncExternalStore(pageFocused.subscribe, pageFocused.get);
}
