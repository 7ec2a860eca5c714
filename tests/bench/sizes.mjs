// What a first visit downloads, compressed as the server sends it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

import { kRoot } from '../support/server.mjs';

const kCompressible = /\.(html|js|mjs|css|wasm|svg|json|webmanifest)$/;

function* files_below(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files_below(path);
    else yield path;
  }
}

function sent_bytes(path) {
  if (existsSync(`${path}.br`)) return statSync(`${path}.br`).size;
  return kCompressible.test(path) ? brotliCompressSync(readFileSync(path)).length : statSync(path).size;
}

const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;

export function compressed_sizes() {
  const all = [...files_below(join(kRoot, 'web/dist'))].filter((path) => !/\.(br|gz|map)$/.test(path));
  const core = all.filter((path) => path.endsWith('.wasm'));
  const code = all.filter((path) => /\.(html|js|css|wasm)$/.test(path) || path.endsWith('.webmanifest'));
  const sum = (paths) => paths.reduce((bytes, path) => bytes + sent_bytes(path), 0);
  return [
    { what: 'the core (WebAssembly)', figure: kib(sum(core)), how: 'brotli, as sent' },
    { what: 'the whole app, first load', figure: kib(sum(code)), how: 'page, scripts, styles, core and service worker; brotli, as sent' },
  ];
}
