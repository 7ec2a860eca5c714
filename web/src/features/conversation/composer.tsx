// Where one writes. Enter sends, Shift+Enter breaks the line; an Enter that ends a composition (as in
// Chinese, Japanese, Korean) does neither. Spaces are kept as typed; only what is blank stays here.
import { useEffect, useRef, type KeyboardEvent } from 'react';

import { t } from '../../i18n';
import { Icon } from '../../ui/icon';
import './composer.css';
import { useDraft } from './use_draft';
import { useTyping } from './use_typing';

export const TEXT_BYTES_MAX = 16 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // "ignore" means: keep it as text

/** How many bytes of UTF-8 the text is over the limit. */
export function bytesOver(text: string): number {
  // A UTF-16 unit is at most three bytes: most texts need no counting.
  if (text.length * 3 <= TEXT_BYTES_MAX) return 0;
  return Math.max(0, encoder.encode(text).length - TEXT_BYTES_MAX);
}

/** What may travel: no NUL, and no half of a surrogate pair. */
export function wellFormed(text: string): string {
  return decoder.decode(encoder.encode(text)).replaceAll('\0', '');
}

function isComposing(event: KeyboardEvent): boolean {
  // Safari ends a composition before it tells of the Enter that ended it; only the old key code, 229,
  // still says so. There is no newer field to ask.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return event.nativeEvent.isComposing || event.keyCode === 229;
}

interface Props {
  readonly chatId: string;
  readonly title: string;
  readonly draft: string;
  readonly onSend: (text: string) => void;
}

export function Composer({ chatId, title, draft, onSend }: Props) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const { text, change, clear } = useDraft(chatId, draft);
  const typing = useTyping(chatId);
  const over = bytesOver(text);
  const sendable = text.trim() !== '' && over === 0;

  useEffect(() => {
    // On a phone this would raise the keyboard over what one came to read.
    if (matchMedia('(pointer: fine)').matches) ref.current?.focus({ preventScroll: true });
  }, [chatId]);

  const send = (): void => {
    if (!sendable) return;
    onSend(wellFormed(text));
    clear();
    typing.stop();
    ref.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {over > 0 && (
        <p className="composer__limit" role="alert">
          {t('composer.tooLong', { count: over })}
        </p>
      )}
      <div className="composer__box" data-text={`${text}\n`}>
        <textarea
          ref={ref}
          className="composer__input"
          data-testid="composer"
          aria-label={t('composer.label', { title })}
          placeholder={t('composer.placeholder')}
          dir="auto"
          rows={1}
          enterKeyHint="send"
          autoComplete="off"
          value={text}
          onChange={(event) => {
            change(event.target.value);
            if (event.target.value.trim() === '') typing.stop();
            else typing.onKey();
          }}
          onKeyDown={onKeyDown}
          onBlur={typing.stop}
        />
      </div>
      <button
        type="submit"
        className="composer__send"
        aria-label={t('composer.send')}
        title={t('composer.send')}
        data-testid="send"
        disabled={!sendable}
        // The field keeps the focus, and a phone its keyboard.
        onPointerDown={(event) => event.preventDefault()}
      >
        <Icon name="send" />
      </button>
    </form>
  );
}
