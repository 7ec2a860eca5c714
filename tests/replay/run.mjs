// Replays hours of a busy channel through a real server: each nick a person with a WebSocket of its
// own, some slow to read, some losing their connection, one away for long. Afterwards everybody's
// history must be the file, in order, byte for byte: as the socket told it, by REST, and in the
// WebAssembly core.
//   node tests/replay/run.mjs [--all] [--seed N] [WORD…]     ends with `N passed, N failed`
import assert from 'node:assert/strict';
import { basename } from 'node:path';

import { check, close, within } from '../support/checks.mjs';
import { Person } from '../support/person.mjs';
import { kRoomy, start_server } from '../support/server.mjs';
import { Stage } from './stage.mjs';
import { core_history } from './core_history.mjs';
import { logs_to_replay, read_log } from './irc.mjs';

const kAtOnce = 8;
const all = process.argv.includes('--all');
const seed_at = process.argv.indexOf('--seed');
const seed = seed_at > 0 ? Number(process.argv.splice(seed_at, 2)[1]) : 20_081_211;
console.log(`seed ${seed}`);

// Runs `work` over `items`, `kAtOnce` at a time.
async function over(items, work) {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: kAtOnce }, worker));
}

async function people_of(origin, log, prefix) {
  const nicks = [...new Set(log.map(({ nick }) => nick))];
  const people = new Map(nicks.map((nick) => [nick, undefined])); // in the order of first speaking
  await over([...nicks.entries()], async ([number, nick]) => {
    people.set(nick, await Person.register(origin, `${prefix}_${number}`, nick));
  });
  return people;
}

function assert_same(got, expected, whose) {
  const wrong = expected.findIndex((line, at) => got[at]?.text !== line.text || got[at]?.senderId !== line.senderId);
  if (wrong >= 0) {
    assert.fail(`${whose}, line ${wrong}: ${JSON.stringify(got[wrong])} instead of ${JSON.stringify(expected[wrong])}`);
  }
  assert.equal(got.length, expected.length, `${whose}: lines`);
}

const texts_of = (messages) =>
  messages
    .filter(({ content }) => content?.type === 'text')
    .map(({ seq, senderId, content }) => ({ seq, senderId, text: content.text }));

const server = await start_server({ flags: kRoomy });
for (const [index, path] of logs_to_replay({ all }).entries()) {
  const name = basename(path);
  const log = read_log(path);
  let people;
  let stage;
  let expected;

  await check(`${name}: [OR6] [SY2] every line is sent and acknowledged`, async () => {
    people = await people_of(server.origin, log, `irc${index}`);
    expected = log.map(({ nick, text }) => ({ senderId: people.get(nick).userId, text }));
    const [owner, ...others] = [...people.values()];
    const chat = await owner.call('POST', '/chats', { groupName: name, participantIds: others.map(({ userId }) => userId) });
    stage = new Stage({ people, chatId: chat.chatId, seed: seed + index });
    await within(stage.play(log), 'the replay', 600_000);
    console.log(`        ${people.size} people, ${log.length} lines; ${stage.tally()}`);
    // Without these the replay would have shown nothing about them.
    assert.ok(stage.dropped > 0 && stage.paused > 0 && stage.repeated > 0, 'somebody was slow, cut off, repeated');
    if (log.length > 700) assert.ok(stage.resets > 0 && stage.deltas > 0, 'both forms of sync were seen');
  });

  await check(`${name}: [OR2] [OR5] every connection was told the file, without a hole`, async () => {
    for (const [nick, client] of stage.clients) {
      assert.deepEqual(client.faults, [], nick);
      if (client.resets > 0) await client.fill_from_rest();
      assert_same(client.texts(), expected, nick);
    }
  });

  await check(`${name}: [ST25] [OR1] everybody's history by REST is the file`, async () => {
    await over(people, async ([nick, person]) => {
      const messages = await person.history(stage.chatId);
      assert.deepEqual(
        messages.map(({ seq }) => seq),
        messages.map((_, at) => at + 1),
        `${nick}: seq is gapless`,
      );
      assert_same(texts_of(messages), expected, nick);
    });
  });

  await check(`${name}: [MG3] [SY55] everybody's history in the core is the file`, async () => {
    await over(people, async ([nick, person]) => {
      assert_same(await within(core_history(person, stage.chatId), `the core of ${nick}`), expected, nick);
    });
  });
  stage?.close();
}
await server.stop();
close();
