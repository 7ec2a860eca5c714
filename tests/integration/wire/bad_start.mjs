// A server that cannot serve says so in one clear line, ends with 1, and has changed nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { check, within } from '../../support/checks.mjs';
import { kRoot, scratch_folder } from '../../support/server.mjs';
import { start } from './stage.mjs';

const kProgram = process.env.GODWIT_SERVER ?? join(kRoot, 'build/release/server/godwit');

/** Runs `godwit serve` to its end: {code, lines} of what it said on standard error. */
async function run(...words) {
  const child = spawn(kProgram, ['serve', ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes) => (said += bytes));
  const code = await within(new Promise((resolve) => child.once('close', resolve)), 'the end of the server');
  return { code, lines: said.split('\n').filter((line) => line !== '') };
}

function assert_one_line({ code, lines }, about) {
  assert.equal(code, 1, lines.join('\n'));
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0], about);
}

await check('[ED77] [ST22] a data folder in use', async () => {
  const server = await start();
  assert_one_line(await run('--listen', '127.0.0.1:0', '--data', server.data), /in use/i);
  await server.stop();
});

await check('[ED77] a port that is taken', async () => {
  const holder = createServer();
  await new Promise((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const outcome = await run('--listen', `127.0.0.1:${holder.address().port}`, '--data', scratch_folder('taken'));
  assert_one_line(outcome, /in use|taken/i);
  holder.close();
});

await check('[ED77] [ST22] a data folder that cannot be written', async () => {
  const folder = scratch_folder('plain');
  writeFileSync(join(folder, 'file'), 'not a folder');
  assert_one_line(await run('--listen', '127.0.0.1:0', '--data', join(folder, 'file')), /file/);
  assert_one_line(await run('--listen', '127.0.0.1:0', '--data', join(folder, 'file', 'below')), /below/);
  if (process.getuid() !== 0) {
    mkdirSync(join(folder, 'sealed'));
    chmodSync(join(folder, 'sealed'), 0o500);
    assert_one_line(await run('--listen', '127.0.0.1:0', '--data', join(folder, 'sealed')), /sealed/);
  }
  assert.deepEqual(readdirSync(folder).filter((name) => name !== 'sealed'), ['file']);
});

await check('[ED77] an option that does not exist, or a value that is none', async () => {
  for (const words of [['--nonsense'], ['--listen', 'nowhere'], ['--registration', 'maybe'], ['--argon-ops', 'x']]) {
    const { code, lines } = await run('--data', join(scratch_folder('words'), 'made'), ...words);
    assert.notEqual(code, 0);
    assert.ok(lines.length > 0);
  }
});

await check('[ED77] what failed to start has made no folder', async () => {
  const folder = join(scratch_folder('none'), 'made');
  await run('--data', folder, '--listen', 'nowhere');
  assert.equal(existsSync(folder), false);
});

await check('[ED77] [ST22] a database of a newer version is left as it is', async () => {
  const server = await start();
  await server.stop();
  const database = join(server.data, readdirSync(server.data).find((name) => name.endsWith('.db')));
  const bytes = readFileSync(database);
  assert.equal(bytes.subarray(0, 15).toString(), 'SQLite format 3');
  bytes.writeUInt32BE(9_999, 60); // user_version (sqlite.org, "Database File Format", 1.3)
  writeFileSync(database, bytes);
  assert_one_line(await run('--listen', '127.0.0.1:0', '--data', server.data), /newer/i);
  assert.deepEqual(readFileSync(database), bytes);
});
