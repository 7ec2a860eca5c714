import { describe, expect, it } from 'vitest';

import { linkify } from './linkify';

const links = (text: string): readonly string[] =>
  linkify(text).flatMap((segment) => (segment.kind === 'link' ? [segment.href] : []));

const AWKWARD = [
  'javascript:alert(1) http://example.org/?q=<b>&amp;',
  'see (https://example.org/a_(b)) and www.example.org.',
  'harbour@example.org, https://xn--e1afmkfd.example/путь?й=1#ы',
  'data:text/html,<script> vbscript:x file:///etc/passwd HTTPS://EXAMPLE.ORG',
  'http:// https://. http://[ http://a:99999 mailto:',
  'https://example.org/\u202egpj.exe done',
  '`https://x.y` «https://x.y/z»',
];

describe('links in text', () => {
  it('[UI2] the segments are the text, character for character', () => {
    for (const text of AWKWARD) {
      expect(
        linkify(text)
          .map((segment) => segment.text)
          .join(''),
      ).toBe(text);
    }
  });

  it('[UI2] only http, https and mailto become links', () => {
    for (const href of AWKWARD.flatMap(links)) expect(href).toMatch(/^(?:https?|mailto):/);
    expect(links('javascript:alert(1) data:text/html,x vbscript:x file:///etc/passwd')).toEqual([]);
  });

  it('[UI2] punctuation of the sentence stays outside, an opened bracket inside', () => {
    expect(links('see (https://example.org/a_(b)) and www.example.org.')).toEqual([
      'https://example.org/a_(b)',
      'https://www.example.org/',
    ]);
  });

  it('[UI2] an address of a person becomes mailto', () => {
    expect(links('harbour@example.org, please')).toEqual(['mailto:harbour@example.org']);
  });

  it('[UI2] a link ends before a character that turns text round', () => {
    expect(links('https://example.org/\u202egpj.exe')).toEqual(['https://example.org/']);
  });

  it('[UI2] hostile runs of brackets, addresses and links are done with at once', () => {
    const texts = [
      `http://a${')'.repeat(16_000)}`,
      'a@'.repeat(8_000),
      'http://a.b '.repeat(1_400),
      'a.'.repeat(8_000),
    ];
    for (const text of texts) {
      const segments = linkify(text);
      expect(segments.map((segment) => segment.text).join('')).toBe(text);
      expect(segments.length).toBeLessThanOrEqual(201);
    }
  });
});
