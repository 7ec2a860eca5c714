// A report of a problem, as a file: what the core was given, with filler for every text. Nothing is
// sent anywhere; whoever saves it decides who gets it.
import { useState } from 'react';

import { t } from '../../i18n';
import { useClient } from '../../state/client_context';
import { Button } from '../../ui/button';

const FILE_NAME = 'godwit-report.trace';

function download(bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = FILE_NAME;
  link.click();
  URL.revokeObjectURL(url);
}

type State = 'idle' | 'busy' | 'saved' | 'failed';

export function ReportSection() {
  const client = useClient();
  const [state, setState] = useState<State>('idle');
  const save = (): void => {
    setState('busy');
    client
      .trace()
      .then((bytes) => {
        download(bytes);
        setState('saved');
      })
      .catch(() => setState('failed'));
  };
  return (
    <section className="setting">
      <h3 className="setting__title">{t('settings.report')}</h3>
      <p className="setting__note">{t('settings.reportText')}</p>
      <p className="setting__note">{t('settings.reportHolds')}</p>
      <p className="setting__problem" role="alert">
        {state === 'failed' && t('settings.reportFailed')}
      </p>
      <Button busy={state === 'busy'} onClick={save}>
        {t('settings.saveReport')}
      </Button>
      <p className="setting__note" role="status">
        {state === 'saved' && t('settings.reportSaved')}
      </p>
    </section>
  );
}
