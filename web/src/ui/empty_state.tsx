// A place with nothing in it, with the bird that waits there.
import type { ReactNode } from 'react';

import './empty_state.css';
import { BirdShape } from './mark';

interface Props {
  readonly title: string;
  readonly text: string;
  readonly heading?: 'h1' | 'h2';
  readonly children?: ReactNode;
}

export function EmptyState({ title, text, heading: Heading = 'h2', children }: Props) {
  return (
    <div className="empty">
      <svg className="empty__scene" viewBox="0 0 240 150" aria-hidden="true">
        <circle className="empty__sun" cx="120" cy="76" r="56" />
        <g transform="translate(62 22)">
          <BirdShape />
        </g>
        <path className="empty__tide" d="M20 122c24-5 46-5 70 0s46 5 70 0 44-5 60-1" />
        <path className="empty__tide empty__tide--far" d="M62 132c20-4 40-4 60 0s38 4 56 0" />
        <path className="empty__tide empty__tide--far" d="M92 141c14-3 30-3 44 0" />
      </svg>
      {/* Other words are other elements: replaced, not moved. The picture stays. */}
      <Heading key={`title ${title}`} className="empty__title">
        {title}
      </Heading>
      <p key={`text ${text}`} className="empty__text">
        {text}
      </p>
      {children}
    </div>
  );
}
