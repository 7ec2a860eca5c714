/**
 * Real Chromium for tests: a profile folder of its own, a static server on a free port of
 * 127.0.0.1 (which browsers count as a secure context), and an end by process id.
 */
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
// The policy that the server sends, so that a need for `eval` or inline code would fail here too.
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws:";

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
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
  // Chromium names its process in the profile's lock: a link to "host-pid".
  const pid = Number(/-(\d+)$/.exec(readlinkSync(join(profile.folder, 'SingletonLock')))[1]);
  const closed = new Promise((resolve) => context.once('close', resolve));
  return {
    context,
    pid,
    async kill() {
      // All of it: what is left of one would still write, and hold the databases of the next.
      for (const one of living(pid)) {
        try {
          process.kill(one, 'SIGKILL');
        } catch {
          // gone by itself
        }
      }
      await closed;
      await gone(pid);
      while (living(pid).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await rm(join(profile.folder, 'SingletonLock'), { force: true });
    },
    close: () => context.close(),
  };
}

/** The processes of a browser's group that are not dead. Its first one leads the group. */
function living(group) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const [state, , of] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      return Number(of) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

/** Waits until a process is really gone (or only its entry is left). */
async function gone(pid) {
  for (;;) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
