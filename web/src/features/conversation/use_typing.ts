// Tells the others that one is typing: at the first key, again every few seconds while keys come, and
// that one has stopped a few seconds after the last.
import { useCallback, useEffect, useRef } from 'react';

import { useClient } from '../../state/client_context';

const REPEAT_MS = 3_000;
const STOP_AFTER_MS = 4_000;

export interface TypingSignal {
  readonly onKey: () => void;
  readonly stop: () => void;
}

export function useTyping(chatId: string): TypingSignal {
  const client = useClient();
  const toldAt = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const stop = useCallback((): void => {
    clearTimeout(timer.current);
    if (toldAt.current === 0) return;
    toldAt.current = 0;
    client.setTyping(chatId, false);
  }, [client, chatId]);

  const onKey = useCallback((): void => {
    const now = performance.now();
    if (toldAt.current === 0 || now - toldAt.current >= REPEAT_MS) {
      toldAt.current = now;
      client.setTyping(chatId, true);
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(stop, STOP_AFTER_MS);
  }, [client, chatId, stop]);

  useEffect(() => stop, [stop]);
  return { onKey, stop };
}
