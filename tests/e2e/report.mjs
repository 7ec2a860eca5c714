// A report that a person saves replays natively to the state in which it was saved, and holds nothing
// of what was written.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { check } from '../support/checks.mjs';
import { kProgram, scratch_folder } from '../support/server.mjs';

const kSecret = 'meet at eight by the old mill';

async function save_report(app, path) {
  await app.page.goto(`${new URL(app.page.url()).origin}/#/settings`);
  const saving = app.page.waitForEvent('download');
  await app.page.getByRole('button', { name: 'Save a report' }).click();
  await (await saving).saveAs(path);
}

const replay = (...words) => spawnSync(kProgram, ['replay', ...words], { encoding: 'utf8' });

export async function report(stage) {
  await check('[SI5] a report of a real session replays natively to the same hash, and holds no text', () =>
    stage.with_browsers(async (browse) => {
      const { ana, ben } = await stage.pair(browse);
      await ana.app.send(kSecret);
      await ben.app.send(`${kSecret}, then? 🐦`);
      await ana.app.until_status([kSecret], 'read');
      await ana.app.page.reload(); // so that the report begins with what storage held
      await ana.app.messages.getByText(kSecret, { exact: true }).waitFor();
      const path = join(scratch_folder('report'), 'report.trace');
      await save_report(ana.app, path);
      const bytes = readFileSync(path);
      for (const word of ['eight', 'mill', ana.person.displayName, ben.person.displayName]) {
        assert.ok(!bytes.includes(word), `the report holds "${word}"`);
      }
      const whole = replay(path);
      assert.equal(whole.status, 0, whole.stdout + whole.stderr);
      assert.match(whole.stdout, /steps [1-9]\d*, hashes compared [1-9]\d*\nstate [0-9a-f]{16}\nthe same as recorded\n$/);
      const early = replay(path, '--until', '3');
      assert.equal(early.status, 0);
      assert.match(early.stdout, /^person \d+, .*\nconnection /);
      const before_all = replay(path, '--until', '-1');
      assert.deepEqual([before_all.status, before_all.stdout], [1, '']);
      assert.match(before_all.stderr, /--until/);
      writeFileSync(path, bytes.subarray(0, bytes.length - 5));
      const cut = replay(path);
      assert.equal(cut.status, 2);
      assert.match(cut.stderr, /malformed trace: byte \d+: /);
      const folder = replay(dirname(path));
      assert.equal(folder.status, 2);
      assert.match(folder.stderr, /^godwit: cannot read /);
    }),
  );
}
