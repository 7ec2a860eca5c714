// The count of unread messages outside the page: in the tab's title and on the installed app's icon.
import { useEffect } from 'react';

import { t } from '../i18n';

/** Not every browser has the badge of an installed app; the types say otherwise. */
type Badge = Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>;

async function setBadge(unread: number): Promise<void> {
  const badge: Badge = navigator;
  try {
    if (unread > 0) await badge.setAppBadge?.(unread);
    else await badge.clearAppBadge?.();
  } catch {
    // Not allowed here: the title says it.
  }
}

export function useTitleBadge(unread: number): void {
  useEffect(() => {
    document.title = unread > 0 ? t('app.titleUnread', { count: unread }) : t('app.name');
    void setBadge(unread);
  }, [unread]);
}
