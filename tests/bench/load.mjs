// The server under load: how soon a message is acknowledged and delivered at a steady rate, and how
// many are stored a second. Afterwards the rows are counted: a figure for messages that are not there
// would be worth nothing.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Person } from '../support/person.mjs';
import { kRoomy, kRoot, scratch_folder, start_server } from '../support/server.mjs';
import { median, spread } from './statistics.mjs';

const run = promisify(execFile);
const kProgram = join(kRoot, 'build/bench/tests/bench/godwit_load');
const kPairs = 50;
const kLatency = { rate_per_s: 1_000, messages: 20_000 };
const kRate = { in_flight: 64, messages: 100_000 };

async function seat_people(origin, round) {
  const chats = [];
  const lines = [];
  for (let at = 0; at < kPairs; at += 1) {
    const sender = await Person.register(origin, `s${round}_${at}`, `Sender ${at}`);
    const receiver = await Person.register(origin, `r${round}_${at}`, `Receiver ${at}`);
    const { chatId } = await sender.call('POST', '/chats', { participantIds: [receiver.userId] });
    chats.push({ chatId, receiver });
    lines.push(`${chatId} ${sender.cookie} ${receiver.cookie}`);
  }
  const seats = join(scratch_folder('seats'), 'seats');
  writeFileSync(seats, `${lines.join('\n')}\n`);
  return { seats, chats };
}

// A fresh database each round, on the disk that the checkout lies on, not in a RAM disk.
async function round_of(round, mode, messages, setting) {
  const server = await start_server({ data: scratch_folder('bench', join(kRoot, 'build')), flags: kRoomy });
  const { seats, chats } = await seat_people(server.origin, round);
  const { stdout } = await run(kProgram, [mode, String(server.port), seats, String(messages), String(setting)]);
  let stored = 0;
  for (const { chatId, receiver } of chats) {
    const history = await receiver.history(chatId);
    history.forEach(({ seq }, at) => assert.equal(seq, at + 1, 'seq is gapless'));
    stored += history.filter(({ content }) => content.type === 'text').length;
  }
  assert.equal(stored, messages, 'every message is stored once');
  await server.stop();
  return JSON.parse(stdout);
}

export async function load_latency({ rounds }) {
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    results.push(await round_of(round, 'open', kLatency.messages, kLatency.rate_per_s));
  }
  const figure = (name) => {
    const of = (key) => results.map((result) => result[name][key]);
    return `p50 ${median(of('p50_ms')).toFixed(2)} ms, p99 ${median(of('p99_ms')).toFixed(2)} ms`;
  };
  const how = `${kLatency.messages} messages of 120 B at ${kLatency.rate_per_s}/s, open loop from the scheduled time, ` +
    `${kPairs} pairs, SQLite with synchronous=FULL; median of ${rounds} rounds`;
  return [
    { what: 'send → ack (stored durably)', figure: figure('ack'), how },
    { what: 'send → seen by the other', figure: figure('delivery'), how: 'the same runs' },
  ];
}

export async function load_rate({ rounds }) {
  const rates = [];
  for (let round = 0; round < rounds; round += 1) {
    const { seconds, stored } = await round_of(round, 'window', kRate.messages, kRate.in_flight);
    rates.push(stored / seconds);
  }
  return [
    {
      what: 'stored messages a second',
      figure: `${Math.round(median(rates)).toLocaleString('en')} (${spread(rates)})`,
      how: `${kRate.in_flight} in flight from ${kPairs} connections, one in twenty sent twice, then counted: each once, ` +
        `seq gapless; median (least to most) of ${rounds} rounds`,
    },
  ];
}
