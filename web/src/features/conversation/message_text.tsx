// The text of a message: plain text only, links made safe, each paragraph in its own direction. The
// element's textContent is the message, character for character.
import { memo, useState } from 'react';

import { t } from '../../i18n';
import { countOnlyEmoji } from './emoji_only';
import { linkify } from './linkify';

const CLAMP_LENGTH = 1_500;
const CLAMP_LINES = 24;

function isLong(text: string): boolean {
  return text.length > CLAMP_LENGTH || text.split('\n', CLAMP_LINES + 1).length > CLAMP_LINES;
}

function className(text: string, clamped: boolean): string {
  const emoji = countOnlyEmoji(text);
  if (emoji > 0) return `message-text message-text--emoji${emoji <= 3 ? ' message-text--few' : ''}`;
  return clamped ? 'message-text message-text--clamped' : 'message-text';
}

export const MessageText = memo(function MessageText({ text }: { readonly text: string }) {
  const [open, setOpen] = useState(false);
  const long = isLong(text);
  return (
    <>
      <div className={className(text, long && !open)} dir="auto" data-testid="message-text">
        {linkify(text).map((segment, index) =>
          segment.kind === 'text' ? (
            segment.text
          ) : (
            <a
              key={index}
              href={segment.href}
              title={segment.href}
              target="_blank"
              rel="noopener noreferrer nofollow"
              dir="auto"
            >
              {segment.text}
            </a>
          ),
        )}
      </div>
      {long && (
        <button
          type="button"
          className="message-more"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? t('conversation.showLess') : t('conversation.showAll')}
        </button>
      )}
    </>
  );
});
