// Writes .br and .gz siblings of what the server sends compressed, and prints what a first load costs.
// Usage: node scripts/compress.mjs DIR
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.wasm', '.svg', '.webmanifest', '.json']);
const SMALLEST_WORTHWHILE_BYTES = 256;

const root = process.argv[2] ?? 'dist';
let totalBytes = 0;
let totalBrotliBytes = 0;

for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !COMPRESSIBLE.has(extname(entry.name))) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = readFileSync(path);
  totalBytes += bytes.length;
  if (bytes.length < SMALLEST_WORTHWHILE_BYTES) {
    totalBrotliBytes += bytes.length;
    continue;
  }
  const brotli = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  totalBrotliBytes += brotli.length;
  console.log(`${relative(root, path)}: ${bytes.length} -> ${brotli.length} bytes (br)`);
}
console.log(`all: ${totalBytes} -> ${totalBrotliBytes} bytes (br)`);
