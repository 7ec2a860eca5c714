/**
 * Builds the package into dist/: index.js, worker.js and the content of build/wasm/wasm-core, as plain
 * ES modules that work with any bundler, or none. Usage: node build.mjs [--wasm FOLDER] [--out FOLDER]
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** `@godwit/core-wasm/…` out of `folder`; a `?url` import becomes the address of a copy in dist/. */
function coreWasm(folder, out) {
  return {
    name: 'core-wasm',
    setup(pluginBuild) {
      pluginBuild.onResolve({ filter: /^@godwit\/core-wasm\// }, ({ path }) => {
        const [file, query] = path.replace('@godwit/core-wasm/', '').split('?');
        return { path: join(folder, file), namespace: query === 'url' ? 'file-url' : 'file' };
      });
      pluginBuild.onLoad({ filter: /.*/, namespace: 'file-url' }, async ({ path }) => {
        const hash = createHash('sha256').update(await readFile(path)).digest('hex').slice(0, 8);
        const name = `godwit_core-${hash}.wasm`;
        await copyFile(path, join(out, name));
        return { contents: `export default new URL('./${name}', import.meta.url).href;`, loader: 'js' };
      });
      // The worker's source is named in client.ts; in dist/ it is a script.
      pluginBuild.onLoad({ filter: /src\/client\.ts$/ }, async ({ path }) => ({
        contents: (await readFile(path, 'utf8')).replace("'./worker.ts'", "'./worker.js'"),
        loader: 'ts',
      }));
    },
  };
}

export async function buildPackage({ wasmFolder, out, minify = true }) {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await build({
    entryPoints: { index: join(here, 'src/index.ts'), worker: join(here, 'src/worker.ts') },
    outdir: out,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify,
    logLevel: 'warning',
    plugins: [coreWasm(wasmFolder, out)],
  });
}

function argument(name, otherwise) {
  const at = process.argv.indexOf(name);
  return resolve(at > 0 ? process.argv[at + 1] : otherwise);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = argument('--out', join(here, 'dist'));
  await buildPackage({ wasmFolder: argument('--wasm', join(here, '../build/wasm/wasm-core')), out });
  const tsc = join(here, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', here, '--noEmit', 'false', '--emitDeclarationOnly', '--declaration',
    '--rootDir', join(here, 'src'), '--outDir', join(out, 'types')], { stdio: 'inherit' });
}
