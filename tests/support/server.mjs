// A Godwit server of one's own: started on a free port with a folder of its own, known to be ready
// by its own word, ended by its pid. Nothing here waits for a time to pass.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const kRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const kProgram = process.env.GODWIT_SERVER ?? join(kRoot, 'build/release/server/godwit');
const kStartMsMax = 180_000; // only a hang takes so long

/** Flags that lift what a test with hundreds of people from one address would run into. */
export const kRoomy = [
  ['--argon-ops', '1'],
  ['--argon-memory-bytes', '8192'],
  ['--register-per-address', '0'],
  ['--login-per-address', '0'],
  ['--login-per-name', '0'],
  ['--requests-per-address', '0'],
  ['--operations-per-user', '0'],
  ['--frames-per-connection', '0'],
  ['--syncs-per-user', '0'],
].flat();

const scratch = [];
process.once('exit', () => {
  for (const path of scratch) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    } catch (error) {
      console.log(`${path} stays: ${error.code}`); // a browser that ends still writes there: no test has failed
    }
  }
});

/** A new folder that is gone when this process ends. */
export function scratch_folder(name, below = tmpdir()) {
  const path = mkdtempSync(join(below, `godwit-${name}-`));
  scratch.push(path);
  return path;
}

/**
 * Starts `godwit serve` and resolves once it listens. `port` 0 takes a free one; a server that is
 * started again on the same `data` and `port` is the same server to its clients.
 */
export async function start_server({ data, port = 0, flags = [], web } = {}) {
  const folder = data ?? scratch_folder('data');
  const words = ['serve', '--listen', `127.0.0.1:${port}`, '--data', folder, ...(web ? ['--web', web] : []), ...flags];
  const child = spawn(kProgram, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const origin = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server is not ready:\n${said.join('\n')}`)), kStartMsMax);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (said.length < 1_000) said.push(line);
        const found = /^listening on (http:\/\/\S+)/.exec(line);
        if (found) clearTimeout(timer) ?? resolve(found[1]);
      });
    }
    child.once('error', reject);
    ended.then(({ code }) => reject(new Error(`the server ended with ${code}:\n${said.join('\n')}`)));
  });
  const end = (signal) => {
    child.kill(signal);
    return ended;
  };
  return {
    origin,
    port: Number(new URL(origin).port),
    data: folder,
    pid: child.pid,
    said,
    ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
