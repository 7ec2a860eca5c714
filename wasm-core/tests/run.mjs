/**
 * All tests of the core's package: `node tests/run.mjs [--build FOLDER] [--only TEXT]`. FOLDER is
 * where the WebAssembly was built (build/wasm/wasm-core). Ends with `N passed, N failed`.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildPackage } from '../build.mjs';
import { runAll } from './harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

function argument(name) {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : undefined;
}

const buildFolder = resolve(argument('--build') ?? join(root, 'build/wasm/wasm-core'));
const only = argument('--only');
const scratch = await mkdtemp(join(here, '.scratch-'));
const total = { passed: 0, failed: 0 };

async function runSuite(name, setUp, tearDown = async () => undefined) {
  console.log(`--- ${name}`);
  try {
    await setUp();
    const { passed, failed } = await runAll(only);
    total.passed += passed;
    total.failed += failed;
  } catch (error) {
    total.failed += 1;
    console.log(`FAIL  ${name} could not start: ${error?.stack ?? error}`);
  } finally {
    await tearDown().catch((error) => console.log(`      ${error}`));
  }
}

/** Bundles the TypeScript tests; the harness stays outside, so that there is one. */
async function bundleTests(folder) {
  const names = (await readdir(join(here, folder))).filter((name) => name.endsWith('.test.ts'));
  await build({
    entryPoints: names.map((name) => join(here, folder, name)),
    outdir: join(scratch, folder),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    plugins: [{
      name: 'one-harness',
      setup(it) {
        it.onResolve({ filter: /harness\.mjs$/ }, () => ({ path: pathToFileURL(join(here, 'harness.mjs')).href, external: true }));
      },
    }],
  });
  return names.map((name) => pathToFileURL(join(scratch, folder, name.replace('.ts', '.mjs'))).href);
}

try {
  await runSuite('tabs, views, copies', async () => {
    for (const file of await bundleTests('unit')) await import(file);
  });
  await runSuite('the core in Node', async () => {
    process.env.GODWIT_CORE_NODE = join(buildFolder, 'godwit_core_node.mjs');
    for (const file of await bundleTests('node')) await import(file);
  });
  const storage = await import('./browser/storage_site.mjs');
  await runSuite('storage in Chromium', async () => {
    await import('./browser/storage.test.mjs');
    await import('./browser/storage_parts.test.mjs');
    await import('./browser/stock_idbfs.test.mjs');
    await storage.setUp(buildFolder);
  }, storage.tearDown);
  const server = resolve(argument('--server') ?? join(root, 'build/release/server/godwit'));
  if (existsSync(server)) {
    const dist = join(scratch, 'dist');
    await buildPackage({ wasmFolder: buildFolder, out: dist, minify: false });
    const client = await import('./browser/client.test.mjs');
    await runSuite('the client in Chromium with a server', () => client.setUp({ dist, server }), client.tearDown);
    const town = await import('./browser/town.mjs');
    await runSuite('the client over storage that fails', async () => {
      await import('./browser/storage_faults.test.mjs');
      await import('./browser/damage.test.mjs');
      await import('./browser/history_later.test.mjs');
      await import('./browser/slow_tabs.test.mjs');
      await import('./browser/tab_dies.test.mjs');
      await import('./browser/last_picture.test.mjs');
      await town.setUp({ dist, server });
    }, town.tearDown);
  } else {
    console.log(`--- the client in Chromium is left out: no server at ${server}`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
