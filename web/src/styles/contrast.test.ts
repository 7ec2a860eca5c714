// Reads the custom properties themselves, so that a colour changed in the style sheet is held to it.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

const read = (name: string): string => readFileSync(`${import.meta.dirname}/${name}`, 'utf8');
const tokens = read('tokens.css');
const tones = read('tones.css');

type Rgb = readonly [number, number, number]; // linear light, 0 to 1
type Theme = 'light' | 'dark';

function fromHex(hex: string): Rgb {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** Björn Ottosson's OKLab, back to linear sRGB; what lies outside is clipped, as on a screen. */
function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  return [
    clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function contrast(one: Rgb, other: Rgb): number {
  const [high, low] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

function token(name: string, theme: Theme): Rgb {
  const match = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(tokens);
  const hex = theme === 'light' ? match?.[1] : match?.[2];
  if (hex === undefined) throw new Error(`no colour --${name}`);
  return fromHex(hex);
}

function tone(name: string, hue: number, theme: Theme): Rgb {
  const one = 'oklch\\((\\d+)% ([\\d.]+) var\\(--hue\\)\\)';
  const match = new RegExp(`--${name}: light-dark\\(\\s*${one},\\s*${one}\\s*\\)`).exec(tones);
  const at = theme === 'light' ? 1 : 3;
  return fromOklch(Number(match?.[at]) / 100, Number(match?.[at + 1]), hue);
}

const TEXT: readonly (readonly [text: string, ground: string])[] = [
  ...['canvas', 'surface', 'raised', 'sunken', 'hover', 'rust-wash', 'danger-wash'].map(
    (ground) => ['ink', ground] as const,
  ),
  ...['canvas', 'surface', 'raised', 'sunken', 'hover', 'rust-wash'].map(
    (ground) => ['ink-soft', ground] as const,
  ),
  ['link', 'surface'],
  ['link', 'raised'],
  ['rust', 'surface'],
  ['rust', 'canvas'],
  ['rust', 'hover'],
  ['rust', 'rust-wash'],
  ['rust-strong', 'rust-wash'],
  ['on-rust', 'rust'],
  ['on-rust', 'rust-strong'],
  ['own-ink', 'own'],
  ['own-soft', 'own'],
  ['own-link', 'own'],
  ['danger', 'surface'],
  ['danger', 'canvas'],
  ['danger', 'danger-wash'],
  ['online', 'surface'],
  ['on-notice', 'notice'],
];

const SHAPES: readonly (readonly [shape: string, ground: string])[] = [
  ['line-strong', 'surface'],
  ['focus', 'surface'],
  ['focus', 'canvas'],
  ['online', 'surface'],
  ['away', 'surface'],
];

const hues = [...tones.matchAll(/--hue: (\d+)/g)].map((match) => Number(match[1]));

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  it.each(TEXT)('[UI7] %s is readable on %s', (text, ground) => {
    expect(contrast(token(text, theme), token(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(SHAPES)('[UI7] %s is seen on %s', (shape, ground) => {
    expect(contrast(token(shape, theme), token(ground, theme))).toBeGreaterThanOrEqual(3);
  });

  it('[UI7] letters and names are readable in every colour of people', () => {
    expect(hues).toHaveLength(10);
    for (const hue of hues) {
      const onPebble = contrast(tone('tone-ink', hue, theme), tone('tone-ground', hue, theme));
      const onCanvas = contrast(tone('tone-name', hue, theme), token('canvas', theme));
      expect(Math.min(onPebble, onCanvas), `hue ${hue}`).toBeGreaterThanOrEqual(4.5);
    }
  });
});
