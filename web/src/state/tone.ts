// The colour and shape that a person keeps: from the id alone, so that every device agrees.
const TONES = 10;
const SHAPES = 4;

function hash(id: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) {
    value = Math.imul(value ^ id.charCodeAt(i), 0x01000193);
  }
  // FNV alone leaves neighbouring ids alike; the finaliser of MurmurHash3 spreads them.
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

export function toneOf(id: string): number {
  return hash(id) % TONES;
}

export function shapeOf(id: string): number {
  return Math.floor(hash(id) / TONES) % SHAPES;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function firstGrapheme(word: string): string {
  for (const { segment } of segmenter.segment(word)) return segment;
  return '';
}

// Scripts whose capitals every font has; Georgian capitals, for one, are missing from many.
const CASED = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]+$/u;

/** One or two letters for an avatar: whole graphemes of the first and last word, in any script. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const chosen = words.length > 1 ? [words[0] ?? '', words[words.length - 1] ?? ''] : words;
  const letters = chosen.map(firstGrapheme).join('');
  return CASED.test(letters) ? letters.toUpperCase() : letters;
}
