// W6: what arrives, from its text to the views that it changes. The core in WebAssembly, beside
// Zustand with Immer and beside plain JavaScript, one message at a time and fifty at a time. The
// three take turns, on the same wire; what is compared are the pairs of one turn. The core is called
// as the worker calls it. What it gives are texts of what has changed, which the page reads on a
// thread of its own; the others' views are values in the thread that took the messages.
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { kRoot } from '../support/server.mjs';
import { core_store, plain_store, zustand_store } from './ingest_stores.mjs';
import { wire_frames } from './ingest_wire.mjs';
import { median } from './statistics.mjs';

const kMessages = [10_000, 100_000];
const kSteps = [1, 50];
// What Immer costs grows with the history: beyond this a turn would take a quarter of an hour.
const kZustandMessagesMax = 10_000;

// Of one run: CPU time of this process by one message of the wire, repeats included.
function measured(store, frames, step) {
  const before = process.cpuUsage();
  for (let at = 0; at < frames.length; at += step) store.feed(frames.slice(at, at + step));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / frames.length;
}

async function turn(makers, frames, step) {
  const figures = {};
  let shown;
  for (const [name, make] of Object.entries(makers)) {
    const store = await make();
    figures[name] = measured(store, frames, step);
    const view = store.view();
    if (shown === undefined) shown = view;
    else if (!isDeepStrictEqual(view, shown)) throw new Error(`${name} shows something else`);
    store.dispose();
  }
  return figures;
}

export async function client_ingest({ rounds }) {
  const glue = await import(pathToFileURL(join(kRoot, 'build/wasm/wasm-core/godwit_core_node.mjs')).href);
  const makers = { core: () => core_store(glue.default), zustand: zustand_store, plain: plain_store };
  // Nobody is measured cold. Compiled code lives as long as one module of it does.
  const kept = await makers.core();
  await turn(makers, wire_frames(2_000), 1);
  const rows = [];
  for (const messages of kMessages) {
    const frames = wire_frames(messages);
    const { zustand, ...others } = makers;
    const contestants = messages > kZustandMessagesMax ? others : { zustand, ...others };
    for (const step of kSteps) {
      const turns = [];
      for (let round = 0; round < rounds; round += 1) turns.push(await turn(contestants, frames, step));
      rows.push(row_of(messages, step, turns));
    }
  }
  kept.dispose();
  return rows;
}

function row_of(messages, step, turns) {
  const us = (name) => `${median(turns.map((figures) => figures[name])).toFixed(1)} µs`;
  const ratio = (name) => `${median(turns.map((figures) => figures[name] / figures.core)).toFixed(2)} ×`;
  const named = { zustand: 'Zustand + Immer', plain: 'plain JavaScript' };
  const others = Object.keys(named).filter((name) => name in turns[0]);
  return {
    what: `W6: a message from the wire to the views, of ${messages.toLocaleString('en')}, ${step === 1 ? 'one at a time' : `${step} at a time`}`,
    figure: [`core ${us('core')}`, ...others.map((name) => `${named[name]} ${us(name)} (${ratio(name)})`)].join('; '),
    how: `20 chats, 20 % told twice, shuffled within 8, three views open; Node ${process.versions.node}, CPU time, medians of ${turns.length}, ratios in pairs; all show the same`,
  };
}
