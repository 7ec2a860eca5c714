// Measures what the README's table quotes and prints it as one. Nothing here passes or fails by speed.
//   node tests/bench/run.mjs [--rounds N] [NAME…]
import { cpus } from 'node:os';
import { readFileSync } from 'node:fs';

import { cold_open } from './cold_open.mjs';
import { client_ingest } from './ingest.mjs';
import { load_latency, load_rate } from './load.mjs';
import { own_message_on_screen } from './screen.mjs';
import { compressed_sizes } from './sizes.mjs';
import { first_start, second_start } from './starts.mjs';

const kMeasures = {
  latency: load_latency,
  rate: load_rate,
  screen: own_message_on_screen,
  size: compressed_sizes,
  start: second_start,
  W6: client_ingest,
  W7: cold_open,
  'first-start': first_start,
};
const kByDefault = ['latency', 'rate', 'screen', 'size', 'start'];

const words = process.argv.slice(2);
const rounds_at = words.indexOf('--rounds');
const rounds = rounds_at >= 0 ? Number(words.splice(rounds_at, 2)[1]) : 3;
const names = words.length > 0 ? words : kByDefault;

const rows = [];
for (const name of names) {
  if (!(name in kMeasures)) throw new Error(`no measure named ${name}; there are: ${Object.keys(kMeasures)}`);
  console.error(`measuring ${name}`);
  rows.push(...(await kMeasures[name]({ rounds })));
}

const system = /PRETTY_NAME="(.*)"/.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
console.log(`\n${cpus().length} × ${cpus()[0].model}, ${system}; server, load and browser on the same machine\n`);
console.log('| what | figure | how |\n|---|---|---|');
for (const { what, figure, how } of rows) console.log(`| ${what} | ${figure} | ${how} |`);
process.exit(0);
