// The end of a row's second line: muted, pinned, and how many are unread or how far one's own last
// message got.
import type { ChatRow } from '@godwit/core/types';

import { formatNumber, t } from '../../i18n';
import { Icon } from '../../ui/icon';
import { StatusMark } from '../conversation/status_mark';

const UNREAD_SHOWN_MAX = 999;

function UnreadBadge({ row }: { readonly row: ChatRow }) {
  return (
    <span className={row.muted ? 'badge badge--muted' : 'badge'}>
      <span aria-hidden="true">
        {row.unread > UNREAD_SHOWN_MAX
          ? `${formatNumber(UNREAD_SHOWN_MAX)}+`
          : formatNumber(row.unread)}
      </span>
      <span className="visually-hidden">{t('chats.unread', { count: row.unread })}</span>
    </span>
  );
}

function OwnStatus({ row }: { readonly row: ChatRow }) {
  const { preview, typing } = row;
  if (preview?.own !== true || preview.system !== undefined || typing.length > 0) return null;
  return <StatusMark status={preview.status} />;
}

export function RowSigns({ row }: { readonly row: ChatRow }) {
  return (
    <span className="chat-row__end">
      {row.muted && <Icon name="mute" size={15} />}
      {row.pinned && <Icon name="pin" size={15} />}
      {row.unread > 0 ? <UnreadBadge row={row} /> : <OwnStatus row={row} />}
    </span>
  );
}
