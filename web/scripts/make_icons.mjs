// Draws the icons in public/icons from the mark's own paths (src/ui/mark.tsx). Run by hand when the
// mark changes: npm run icons
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { launch } from './browser.mjs';

const source = readFileSync(new URL('../src/ui/mark.tsx', import.meta.url), 'utf8');
const path = (name) => new RegExp(`${name} =\\s*'([^']+)'`).exec(source)[1];
const out = new URL('../public/icons/', import.meta.url);

/** A square of dusk with the bird on it; `inset` keeps it clear of what a mask may cut away. */
function drawing({ radius, scale }) {
  const size = 120 * scale;
  const move = `translate(${(128 - size) / 2 - 1} ${(128 - size * 0.92) / 2 + 1}) scale(${scale})`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128">
  <defs>
    <linearGradient id="dusk" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="#b9532f"/><stop offset="1" stop-color="#8a3117"/>
    </linearGradient>
    <clipPath id="card"><rect width="128" height="128" rx="${radius}"/></clipPath>
  </defs>
  <g clip-path="url(#card)">
    <rect width="128" height="128" fill="url(#dusk)"/>
    <circle cx="86" cy="50" r="30" fill="#f3b48f" opacity=".28"/>
    <rect y="97" width="128" height="31" fill="#5e1f0e" opacity=".45"/>
    <path d="M14 108h34M60 114h44" stroke="#f6d9c6" stroke-opacity=".5" stroke-width="2.5" stroke-linecap="round"/>
    <g transform="${move}">
      <path d="${path('BIRD_LEGS')}" fill="none" stroke="#fdf3ea" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>
      <path d="${path('BIRD_BODY')}" fill="#fdf3ea"/>
      <path d="${path('BIRD_WING')}" fill="#b9532f" opacity=".45"/>
    </g>
  </g>
</svg>
`;
}

mkdirSync(out, { recursive: true });
const rounded = drawing({ radius: 30, scale: 0.86 });
writeFileSync(new URL('mark.svg', out), rounded);

const browser = await launch();
const icons = [
  ['icon-192.png', rounded, 192],
  ['icon-512.png', rounded, 512],
  ['maskable-512.png', drawing({ radius: 0, scale: 0.62 }), 512],
];
for (const [name, svg, size] of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px}</style>${svg}`);
  await page.screenshot({ path: new URL(name, out).pathname, omitBackground: true });
  await page.close();
}
await browser.close();
