// Whether a message is nothing but a few emoji, which are then shown larger.
const ONLY_EMOJI = new RegExp('^(?:\\p{RGI_Emoji}|\\s)+$', 'v');
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const TEXT_UNITS_MAX = 120; // beyond this it is a text, however it is made

/** How many emoji, if there is nothing else and they are at most six; else 0. */
export function countOnlyEmoji(text: string): number {
  if (text.length > TEXT_UNITS_MAX || !ONLY_EMOJI.test(text)) return 0;
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (segment.trim() !== '') count += 1;
  }
  return count <= 6 ? count : 0;
}
