// Finds addresses in plain text. What comes out is text and links over exactly the same characters; a
// link leads only to http, https or mailto, and never holds the invisible characters that turn text
// round (a disguised address).
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

const ALLOWED_PROTOCOLS: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);
const LINKS_MAX = 100; // in one message; the rest stays text

// Stops at spaces, quotes, angle brackets, and bidirectional controls. One character class after each
// prefix, so that matching is linear.
const STOP = '\\s<>"“”«»\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\u0000-\\u001f';
const CANDIDATE = new RegExp(
  `(?:https?://|mailto:|www\\.)[^${STOP}]+|[\\p{L}\\p{N}._%+-]{1,64}@[\\p{L}\\p{N}-]{1,63}(?:\\.[\\p{L}\\p{N}-]{1,63}){1,8}`,
  'giu',
);
const CLOSERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** How many closing brackets of each kind have no opening one in the text. Counted once. */
function unopenedIn(text: string): Map<string, number> {
  const surplus = new Map<string, number>();
  for (const [closer, opener] of Object.entries(CLOSERS)) {
    const count = (wanted: string): number => text.split(wanted).length - 1;
    surplus.set(closer, count(closer) - count(opener));
  }
  return surplus;
}

/** Punctuation at the end belongs to the sentence, a bracket only if it was opened outside. */
function trimEnd(candidate: string): string {
  const surplus = unopenedIn(candidate);
  let end = candidate.length;
  while (end > 0) {
    const last = candidate[end - 1] ?? '';
    const unopened = surplus.get(last) ?? 0;
    if (unopened > 0) surplus.set(last, unopened - 1);
    else if (!/[.,:;!?'’…。、!?،؛؟*_]/u.test(last)) break;
    end -= 1;
  }
  return candidate.slice(0, end);
}

export function hrefFor(text: string): string | undefined {
  const withScheme = /^(?:https?:\/\/|mailto:)/i.test(text)
    ? text
    : text.includes('@') && !text.toLowerCase().startsWith('www.')
      ? `mailto:${text}`
      : `https://${text}`;
  try {
    const url = new URL(withScheme);
    if (!ALLOWED_PROTOCOLS.has(url.protocol)) return undefined;
    if (url.protocol !== 'mailto:' && url.hostname === '') return undefined;
    return url.href;
  } catch {
    return undefined;
  }
}

export function linkify(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let done = 0;
  let links = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    if (links === LINKS_MAX) break;
    const link = trimEnd(match[0]);
    const href = hrefFor(link);
    if (href === undefined) continue;
    if (match.index > done) segments.push({ kind: 'text', text: text.slice(done, match.index) });
    segments.push({ kind: 'link', text: link, href });
    done = match.index + link.length;
    links += 1;
  }
  if (done < text.length) segments.push({ kind: 'text', text: text.slice(done) });
  return segments;
}
