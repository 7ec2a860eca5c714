// What of a typed text may travel. Pure.

const TEXT_BYTES_MAX = 16 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // "ignore" means: keep it as text

/** How many bytes of UTF-8 the text is over the limit. */
export function bytesOver(text: string): number {
  // A UTF-16 unit is at most three bytes: most texts need no counting.
  if (text.length * 3 <= TEXT_BYTES_MAX) return 0;
  return Math.max(0, encoder.encode(text).length - TEXT_BYTES_MAX);
}

/** What may travel: no NUL, and no half of a surrogate pair. */
export function wellFormed(text: string): string {
  return decoder.decode(encoder.encode(text)).replaceAll('\0', '');
}
