// Writing and sending: the text with its draft, the word to the others that one is typing, and the keys.
// Enter sends, Shift+Enter breaks the line; an Enter that ends a composition (as in Chinese, Japanese,
// Korean) does neither. Spaces are kept as typed; only what is blank stays here.
import { useEffect, useRef, type KeyboardEvent, type RefObject } from 'react';

import { bytesOver, wellFormed } from './outgoing_text';
import { useDraft } from './use_draft';
import { useTyping } from './use_typing';

export interface Writing {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  /** By how many bytes the text is too long. */
  readonly over: number;
  readonly sendable: boolean;
  readonly write: (text: string) => void;
  readonly send: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  /** Nobody writes here any more, or not now. */
  readonly pause: () => void;
}

function isComposing(event: KeyboardEvent): boolean {
  // Safari ends a composition before it tells of the Enter that ended it; only the old key code, 229,
  // still says so. There is no newer field to ask.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return event.nativeEvent.isComposing || event.keyCode === 229;
}

export function useComposer(
  chatId: string,
  draft: string,
  onSend: (text: string) => void,
): Writing {
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, change, clear } = useDraft(chatId, draft);
  const typing = useTyping(chatId);
  const over = bytesOver(text);
  const sendable = text.trim() !== '' && over === 0;

  useEffect(() => {
    // On a phone this would raise the keyboard over what one came to read.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
  }, [chatId]);

  const write = (now: string): void => {
    change(now);
    if (now.trim() === '') typing.stop();
    else typing.onKey();
  };
  const send = (): void => {
    if (!sendable) return;
    onSend(wellFormed(text));
    clear();
    typing.stop();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    send();
  };
  return { field, text, over, sendable, write, send, onKeyDown, pause: typing.stop };
}
