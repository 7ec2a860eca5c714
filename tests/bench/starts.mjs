// How long scripts/run takes until the server listens: with everything built, and from a fresh clone.
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { kRoot, scratch_folder } from '../support/server.mjs';
import { median } from './statistics.mjs';

async function start_seconds(root, environment = {}) {
  const started = performance.now();
  const child = spawn(join(root, 'scripts/run'), ['--port', '0', '--data', scratch_folder('start')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let ready = false;
  for await (const line of createInterface({ input: child.stdout })) {
    ready = line.startsWith('listening on ');
    if (ready) break;
  }
  const seconds = (performance.now() - started) / 1_000;
  child.kill('SIGTERM');
  await ended;
  if (!ready) throw new Error('scripts/run ended before it listened');
  return seconds;
}

export async function second_start({ rounds }) {
  const samples = [];
  for (let round = 0; round <= rounds; round += 1) samples.push(await start_seconds(kRoot));
  return [{ what: 'second start', figure: `${median(samples.slice(1)).toFixed(1)} s`, how: `scripts/run until it listens; median of ${rounds}` }];
}

export async function first_start() {
  const clone = join(scratch_folder('clone'), 'godwit');
  execFileSync('git', ['clone', '--quiet', kRoot, clone]);
  const seconds = await start_seconds(clone, { CCACHE_DISABLE: '1' });
  const minutes = `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return [{ what: 'first start', figure: minutes, how: 'scripts/run in a fresh clone until it listens, Debian packages installed before; once' }];
}
