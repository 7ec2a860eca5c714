// A modal dialog on the browser's own <dialog>: focus is held inside, Esc closes, the page behind is
// inert. It is open as long as it is rendered.
import { useEffect, useId, useRef, type ReactNode } from 'react';

import { t } from '../i18n';
import { IconButton } from './button';
import './dialog.css';

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly tall?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ title, onClose, tall = false, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return undefined;
    if (!dialog.open) dialog.showModal();
    // A press on the backdrop closes too; Esc and the close button do the same from the keyboard.
    const onPress = (event: PointerEvent): void => {
      if (event.target === dialog) onClose();
    };
    dialog.addEventListener('pointerdown', onPress);
    return () => dialog.removeEventListener('pointerdown', onPress);
  }, [onClose]);
  return (
    <dialog
      ref={ref}
      className={tall ? 'dialog dialog--tall' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="dialog__sheet">
        <header className="dialog__head">
          <h2 className="dialog__title" id={titleId}>
            {title}
          </h2>
          <IconButton icon="close" label={t('dialog.close')} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
