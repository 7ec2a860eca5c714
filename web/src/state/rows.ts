// From a conversation's items to what is drawn: where a day begins, where bubbles of one sender join,
// where the unread ones start. Pure; a row that says the same keeps its identity, so that memoised
// components skip it.
import type { MessageItem } from '@godwit/core/types';

import { dayNumber } from '../i18n/dates';

export interface Row {
  readonly item: MessageItem;
  readonly startsDay: boolean;
  readonly startsUnread: boolean;
  /** First and last of a run of bubbles by one sender, close in time. */
  readonly startsGroup: boolean;
  readonly endsGroup: boolean;
}

export interface RowOptions {
  readonly firstUnreadId?: string | undefined;
  readonly hasOlder: boolean;
}

const GROUP_GAP_MS = 5 * 60_000;

function joins(before: MessageItem, after: MessageItem): boolean {
  return (
    before.senderId === after.senderId &&
    before.system === undefined &&
    after.system === undefined &&
    Math.abs(after.time - before.time) < GROUP_GAP_MS
  );
}

function sameRow(a: Row, b: Row): boolean {
  return (
    a.item === b.item &&
    a.startsDay === b.startsDay &&
    a.startsUnread === b.startsUnread &&
    a.startsGroup === b.startsGroup &&
    a.endsGroup === b.endsGroup
  );
}

/** While there are older messages, the first item shown begins no day: the one before it may be of the
 *  same day, and a heading that is taken away again would move what is read. */
export function buildRows(
  items: readonly MessageItem[],
  { firstUnreadId, hasOlder }: RowOptions,
  previous: ReadonlyMap<string, Row>,
): readonly Row[] {
  const breaks = items.map((item, index) => {
    const before = items[index - 1];
    const startsDay =
      before === undefined ? !hasOlder : dayNumber(before.time) !== dayNumber(item.time);
    const startsUnread = item.localId === firstUnreadId;
    const startsGroup = before === undefined || startsDay || startsUnread || !joins(before, item);
    return { startsDay, startsUnread, startsGroup };
  });
  return items.map((item, index) => {
    const here = breaks[index] ?? { startsDay: false, startsUnread: false, startsGroup: true };
    const row: Row = { item, ...here, endsGroup: breaks[index + 1]?.startsGroup ?? true };
    const known = previous.get(item.localId);
    return known !== undefined && sameRow(known, row) ? known : row;
  });
}
