// Where one writes, and the button that sends; use_composer.ts says what the keys do.
import { t } from '../../i18n';
import { Icon } from '../../ui/icon';
import './composer.css';
import { useComposer, type Writing } from './use_composer';

interface FieldProps {
  readonly writing: Writing;
  readonly title: string;
}

function TextField({ writing, title }: FieldProps) {
  const { field, text, write, onKeyDown, pause } = writing;
  return (
    <div className="composer__box" data-text={`${text}\n`}>
      <textarea
        ref={field}
        className="composer__input"
        data-testid="composer"
        aria-label={t('composer.label', { title })}
        placeholder={t('composer.placeholder')}
        dir="auto"
        rows={1}
        enterKeyHint="send"
        autoComplete="off"
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={pause}
      />
    </div>
  );
}

function SendButton({ enabled }: { readonly enabled: boolean }) {
  return (
    <button
      type="submit"
      className="composer__send"
      aria-label={t('composer.send')}
      title={t('composer.send')}
      data-testid="send"
      disabled={!enabled}
      // The field keeps the focus, and a phone its keyboard.
      onPointerDown={(event) => event.preventDefault()}
    >
      <Icon name="send" />
    </button>
  );
}

interface Props {
  readonly chatId: string;
  readonly title: string;
  readonly draft: string;
  readonly onSend: (text: string) => void;
}

export function Composer({ chatId, title, draft, onSend }: Props) {
  const writing = useComposer(chatId, draft, onSend);
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        writing.send();
      }}
    >
      {writing.over > 0 && (
        <p className="composer__limit" role="alert">
          {t('composer.tooLong', { count: writing.over })}
        </p>
      )}
      <TextField writing={writing} title={title} />
      <SendButton enabled={writing.sendable} />
    </form>
  );
}
