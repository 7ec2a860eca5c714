import { expect, it } from 'vitest';

import { describeClient } from './describe_client';

it('[UI16] a browser is told by its name and its system', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
  expect(describeClient(`Mozilla/5.0 (X11; Linux x86_64) ${chrome}`)).toEqual({
    browser: 'Chrome',
    system: 'Linux',
  });
  expect(describeClient(`Mozilla/5.0 (Linux; Android 16; K) ${chrome} Edg/156.0`)).toEqual({
    browser: 'Edge',
    system: 'Android',
  });
});

it('[UI16] what is no browser is shown as it came', () => {
  expect(describeClient('api')).toEqual({ browser: 'api' });
  expect(describeClient('Mozilla/9.9 (unheard of)')).toEqual({
    browser: 'Mozilla/9.9 (unheard of)',
  });
});
