// The text in the composer, and its draft: saved a moment after the last key, taken over from another
// device where nobody is writing here. What this composer saved itself comes back as an echo and must
// not be mistaken for another device's draft: saved texts are remembered until they were seen.
import { useCallback, useEffect, useRef, useState } from 'react';

import { useClient } from '../../state/client_context';

const SAVE_AFTER_MS = 600;
const ECHOES_MAX = 20;

export interface Draft {
  readonly text: string;
  readonly change: (text: string) => void;
  /** Empties the composer and the draft, at once. */
  readonly clear: () => void;
}

interface Unsaved {
  readonly chatId: string;
  readonly text: string;
  readonly saved: string;
}

/** A moment after the last key. */
function useSavingLater({ text, saved }: Unsaved, save: (text: string) => void): void {
  useEffect(() => {
    if (text === saved) return undefined;
    const timer = setTimeout(() => save(text), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, saved, save]);
}

/** On leaving the chat or the page there is no moment after: what is unsaved is saved now. */
function useSavingOnLeave({ chatId, text, saved }: Unsaved): void {
  const client = useClient();
  const latest = useRef({ text, saved });
  useEffect(() => {
    latest.current = { text, saved };
  }, [text, saved]);
  useEffect(() => {
    const flush = (): void => {
      const { text: now, saved: before } = latest.current;
      if (now === before) return;
      latest.current = { text: now, saved: now };
      client.setDraft(chatId, now);
    };
    const onHide = (): void => {
      if (document.visibilityState === 'hidden') flush();
    };
    document.addEventListener('visibilitychange', onHide);
    window.addEventListener('pagehide', flush);
    return () => {
      document.removeEventListener('visibilitychange', onHide);
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [client, chatId]);
}

export function useDraft(chatId: string, shared: string): Draft {
  const client = useClient();
  const [text, setText] = useState(shared);
  const [taken, setTaken] = useState(shared); // the last shared draft that was looked at
  const [saved, setSaved] = useState(shared); // what the draft is, as far as this composer knows
  const [echoes, setEchoes] = useState<readonly string[]>([]);

  if (shared !== taken) {
    setTaken(shared);
    const echo = echoes.indexOf(shared);
    if (echo >= 0) setEchoes(echoes.slice(echo + 1));
    else if (text === saved) {
      setText(shared);
      setSaved(shared);
    }
  }

  const save = useCallback(
    (value: string): void => {
      setSaved(value);
      setEchoes((known) => [...known.slice(1 - ECHOES_MAX), value]);
      client.setDraft(chatId, value);
    },
    [client, chatId],
  );
  const clear = useCallback((): void => {
    setText('');
    save('');
  }, [save]);

  useSavingLater({ chatId, text, saved }, save);
  useSavingOnLeave({ chatId, text, saved });
  return { text, change: setText, clear };
}
