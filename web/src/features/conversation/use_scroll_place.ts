// Keeps the reader's place. The scroller is laid out from its end (column-reverse): its scrollTop is 0
// at the newest message and negative above, so the browser itself stays at the bottom when something
// arrives there, and older messages that are put in above move nothing. What is left to do here: while
// the reader is higher up, what grows *below* is made good, by the row that was seen before.
import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react';

const AT_BOTTOM_PX = 24;
const LOAD_AHEAD_PX = 1_500;

interface Anchor {
  readonly row: Element;
  readonly top: number;
}

/** The first message that is wholly or partly in view. */
function findAnchor(scroller: HTMLElement): Anchor | undefined {
  const edge = scroller.getBoundingClientRect().top;
  for (const chunk of scroller.querySelector('[data-chunks]')?.children ?? []) {
    if (chunk.getBoundingClientRect().bottom <= edge) continue;
    for (const row of chunk.querySelectorAll('[data-message]')) {
      const box = row.getBoundingClientRect();
      if (box.bottom > edge) return { row, top: box.top - edge };
    }
  }
  return undefined;
}

function restore(scroller: HTMLElement, anchor: Anchor): void {
  if (!anchor.row.isConnected) return;
  const edge = scroller.getBoundingClientRect().top;
  const moved = anchor.row.getBoundingClientRect().top - edge - anchor.top;
  if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
}

export interface ScrollPlace {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly atBottom: boolean;
  readonly onScroll: () => void;
  readonly toBottom: () => void;
}

/** `version` changes whenever what the list shows changes; `onNearTop` asks for older messages. */
export function useScrollPlace(version: unknown, onNearTop: () => void): ScrollPlace {
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef<Anchor | undefined>(undefined);
  const [atBottom, setAtBottom] = useState(true);

  const look = useCallback((): void => {
    const element = scroller.current;
    if (element === null) return;
    const bottom = element.scrollTop >= -AT_BOTTOM_PX;
    anchor.current = bottom ? undefined : findAnchor(element);
    const above = element.scrollHeight - element.clientHeight + element.scrollTop;
    if (above < LOAD_AHEAD_PX) onNearTop();
  }, [onNearTop]);

  const onScroll = useCallback((): void => {
    look();
    const element = scroller.current;
    if (element !== null) setAtBottom(element.scrollTop >= -AT_BOTTOM_PX);
  }, [look]);

  useLayoutEffect(() => {
    if (scroller.current !== null && anchor.current !== undefined) {
      restore(scroller.current, anchor.current);
    }
    look();
  }, [version, look]);

  const toBottom = useCallback((): void => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
    anchor.current = undefined;
    setAtBottom(true);
  }, []);

  return { scroller, atBottom, onScroll, toBottom };
}
