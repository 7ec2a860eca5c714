// The few signs of the interface, drawn on a 24-unit grid with one stroke. They are decoration: the
// control that shows one carries the words. Signs that point somewhere turn round in right-to-left.
import type { ReactNode } from 'react';

import './icon.css';

export type IconName =
  | 'back'
  | 'check'
  | 'close'
  | 'down'
  | 'eye'
  | 'eyeOff'
  | 'group'
  | 'mute'
  | 'pin'
  | 'retry'
  | 'search'
  | 'send'
  | 'settings'
  | 'trash'
  | 'write';

const shapes: Readonly<Record<IconName, ReactNode>> = {
  back: <path d="M15 5l-7 7 7 7" />,
  check: <path d="M5 12.5l4.5 4.500L19 7.5" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  down: <path d="M12 5v14M6 13l6 6 6-6" />,
  eye: (
    <>
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" />
      <circle cx="12" cy="12" r="2.8" />
    </>
  ),
  eyeOff: (
    <path d="M4 4l16 16M9.9 5.800A9 9 0 0 1 12 5.500c6 0 9.5 6.5 9.5 6.500a17 17 0 0 1-2.7 3.400M6.3 7.600A16 16 0 0 0 2.5 12S6 18.5 12 18.500c1.6 0 3-.4 4.3-1.1" />
  ),
  group: (
    <>
      <circle cx="9" cy="9" r="3.2" />
      <path d="M3 19c.6-3.3 3-5 6-5s5.4 1.7 6 5M15.5 6.200a3 3 0 0 1 0 5.700M17.5 14.400c1.9.700 3.1 2.2 3.5 4.6" />
    </>
  ),
  mute: (
    <path d="M4 4l16 16M17 13.500V10a5 5 0 0 0-8.4-3.700M7 10c0 4-2 5.5-2 6.500h11.500M10 19.500a2 2 0 0 0 4 0" />
  ),
  pin: <path d="M9 4h6l-1 6 3 3v2H7v-2l3-3-1-6ZM12 15v5" />,
  retry: <path d="M19 12a7 7 0 1 1-2.2-5.100M19 4v4.500h-4.5" />,
  search: (
    <>
      <circle cx="11" cy="11" r="6" />
      <path d="M15.5 15.500L20 20" />
    </>
  ),
  send: <path d="M12 19V5M5.5 11.500L12 5l6.5 6.5" />,
  settings: (
    <>
      <path d="M4 8h9M19 8h1M4 16h1M11 16h9" />
      <circle cx="16" cy="8" r="2.6" />
      <circle cx="8" cy="16" r="2.6" />
    </>
  ),
  trash: (
    <path d="M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7M10.5 10.500v5.500M13.5 10.500v5.5" />
  ),
  write: <path d="M5 19l1-4.500L16 4.500l3.5 3.5-10 10L5 19ZM14 6.500l3.5 3.5" />,
};

const directional: ReadonlySet<IconName> = new Set(['back']);

interface Props {
  readonly name: IconName;
  readonly size?: number;
}

export function Icon({ name, size = 20 }: Props) {
  return (
    <svg
      className={directional.has(name) ? 'icon icon--directional' : 'icon'}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      {shapes[name]}
    </svg>
  );
}
