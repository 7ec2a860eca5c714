/**
 * Real Chromium for tests: a profile folder of its own, a static server on a free port of
 * 127.0.0.1 (which browsers count as a secure context), and an end by process id.
 */
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { kill_group } from '../../../tests/support/process_group.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
// The policy that the server sends, so that a need for `eval` or inline code would fail here too.
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws:";

// A browser on a slow core that others use as well may take a while for one step: only a hang takes longer.
const STEP_MS_MAX = 180_000;

/**
 * Serves the files of `folders` (the first that has it wins); `fallback(req, res)` the rest.
 * `change(path, bytes)` may hand out something else for a file.
 */
export async function serve(folders, fallback, change = (path, bytes) => bytes) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://x').pathname).replace(/^\/+/, '');
    for (const folder of folders) {
      try {
        const bytes = change(path, await readFile(join(folder, path)));
        response.writeHead(200, {
          'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
          'content-security-policy': CSP,
        });
        response.end(bytes);
        return;
      } catch {
        // The next folder may have it.
      }
    }
    if (fallback) return fallback(request, response);
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}

export async function newProfile() {
  const folder = await mkdtemp(join(tmpdir(), 'godwit-profile-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }) };
}

/** A browser on `profile`. `kill()` is SIGKILL of the whole browser, as a power cut would be. */
export async function launch(profile) {
  const context = await chromium.launchPersistentContext(profile.folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    timeout: STEP_MS_MAX,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
  context.setDefaultTimeout(STEP_MS_MAX);
  // Chromium names its process in the profile's lock: a link to "host-pid".
  const pid = Number(/-(\d+)$/.exec(readlinkSync(join(profile.folder, 'SingletonLock')))[1]);
  const closed = new Promise((resolve) => context.once('close', resolve));
  return {
    context,
    pid,
    async kill() {
      await kill_group(pid);
      await closed;
      await rm(join(profile.folder, 'SingletonLock'), { force: true });
    },
    close: () => context.close(),
  };
}
