// Signing out wipes what is kept here. It asks first if something would be lost.
import { useCallback, useState } from 'react';

import { t } from '../../i18n';
import { sentenceForError } from '../../i18n/errors';
import { useApp, useClient } from '../../state/client_context';
import { navigate } from '../../state/router';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';

interface QuestionProps {
  readonly unsent: number;
  readonly onLeave: () => void;
  readonly onStay: () => void;
}

function UnsentQuestion({ unsent, onLeave, onStay }: QuestionProps) {
  return (
    <Dialog title={t('settings.signOutTitle')} onClose={onStay}>
      <p>{t('settings.signOutUnsent', { count: unsent })}</p>
      <div className="dialog__actions">
        <Button kind="danger" onClick={onLeave}>
          {t('settings.signOutAnyway')}
        </Button>
        <Button kind="primary" onClick={onStay}>
          {t('settings.stay')}
        </Button>
      </div>
    </Dialog>
  );
}

export function SignOutSection() {
  const client = useClient();
  const { unsent } = useApp();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const stay = useCallback(() => setAsking(false), []);
  const leaveForGood = (): void => {
    setAsking(false);
    setProblem(undefined);
    client
      .logout()
      .then(() => navigate({ screen: 'chats', finding: false }, 'replace'))
      .catch((error: unknown) =>
        setProblem(sentenceForError(error, { offline: 'settings.signOutOffline' })),
      );
  };
  return (
    <section className="setting">
      <h3 className="setting__title">{t('settings.signOut')}</h3>
      <p className="setting__note">{t('settings.signOutText')}</p>
      <p className="setting__problem" role="alert">
        {problem}
      </p>
      <Button kind="danger" onClick={() => (unsent > 0 ? setAsking(true) : leaveForGood())}>
        {t('settings.signOut')}
      </Button>
      {asking && <UnsentQuestion unsent={unsent} onLeave={leaveForGood} onStay={stay} />}
    </section>
  );
}
