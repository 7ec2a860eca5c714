import { expect, it } from 'vitest';

import { countOnlyEmoji } from './emoji_only';

it('[UI15] a few emoji and nothing else are counted by what one sees', () => {
  expect(countOnlyEmoji('👍')).toBe(1);
  expect(countOnlyEmoji('👩‍👩‍👧‍👦 👨🏽‍🚀 🏳️‍🌈')).toBe(3);
  expect(countOnlyEmoji('🇬🇪')).toBe(1);
});

it('[UI15] digits, texts, and many emoji are text', () => {
  for (const text of ['1', '#', 'a 👍', '', '😀'.repeat(7), '😀'.repeat(4_000)]) {
    expect(countOnlyEmoji(text)).toBe(0);
  }
});
