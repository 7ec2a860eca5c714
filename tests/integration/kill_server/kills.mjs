// The server killed under load, at random moments, again and again: what it acknowledged is there,
// once; each chat's log has no gap; the clients recover by themselves. The moments are drawn from
// GODWIT_SEED, else the commit's seed, as scripts/test sets it; GODWIT_KILLS is their number.
import assert from 'node:assert/strict';

import { check, within } from '../../support/checks.mjs';
import { Person } from '../../support/person.mjs';
import { kRoomy, scratch_folder, start_server } from '../../support/server.mjs';
import { Sender } from './sender.mjs';

const kKills = Number(process.env.GODWIT_KILLS ?? 20);
const kSeed = BigInt(process.env.GODWIT_SEED ?? process.env.GODWIT_COMMIT_SEED ?? 1);

// SplitMix64: the same moments from the same seed.
let state = kSeed;
function below(bound) {
  const mask = (1n << 64n) - 1n;
  state = (state + 0x9e3779b97f4a7c15n) & mask;
  let x = state;
  x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & mask;
  return Number((x ^ (x >> 31n)) % BigInt(bound));
}

async function set_up(server) {
  const people = [];
  for (const name of ['one', 'two', 'three', 'four']) {
    people.push(await Person.register(server.origin, `killed-${name}`, name));
  }
  const chats = [];
  for (const others of [[1, 2, 3], [1]]) {
    const participantIds = others.map((at) => people[at].userId);
    const body = others.length === 1 ? { participantIds } : { groupName: 'Load', participantIds };
    chats.push((await people[0].call('POST', '/chats', body)).chatId);
  }
  const members = [[0, 1, 2, 3], [0, 1]];
  const senders = chats.flatMap((chatId, at) =>
    members[at].map(
      (who) => new Sender({ origin: server.origin, cookie: people[who].cookie, chatId, name: `s${at}${who}` }),
    ),
  );
  return { people, chats, senders };
}

/** Kills and starts it anew at the same place until it has died `kKills` times. */
async function kill_again_and_again(first, data, senders) {
  let server = first;
  for (let kill = 0; kill < kKills; kill += 1) {
    // Only a server that is at work is worth killing: some acknowledgements first, then a moment.
    await within(senders[below(senders.length)].acks(1 + below(40)), 'acknowledgements');
    await new Promise((resolve) => setTimeout(resolve, below(30))); // the random moment
    const { signal } = await server.kill();
    assert.equal(signal, 'SIGKILL');
    server = await start_server({ data, port: first.port, flags: kRoomy });
  }
  return server;
}

async function assert_log(person, chatId, senders) {
  const history = await person.history(chatId);
  assert.deepEqual(history.map((m) => m.seq), history.map((_, at) => at + 1), 'the log has no gap');
  const by_id = new Map(history.map((m) => [m.messageId, m]));
  const texts = history.filter((m) => m.content.type === 'text').map((m) => m.content.text);
  assert.equal(new Set(texts).size, texts.length, 'nothing is there twice');
  for (const sender of senders) {
    assert.deepEqual(sender.faults, []);
    assert.equal(sender.acked.size, sender.texts.size, 'everything was answered in the end');
    for (const [tempId, ack] of sender.acked) {
      const stored = by_id.get(ack.messageId);
      assert.equal(stored?.content.text, sender.texts.get(tempId), 'what was acknowledged is there');
      assert.equal(stored.seq, ack.seq);
    }
    for (const [seq, event] of sender.seen) {
      assert.equal((event.messageId ?? event.message.messageId), history[seq - 1].messageId, 'what was shown stands');
    }
    const own = history.filter((m) => [...sender.texts.values()].includes(m.content.text)).map((m) => m.content.text);
    assert.deepEqual(own, [...sender.texts.values()], 'one sender\'s messages stand in the order sent');
  }
  assert.equal(texts.length, senders.reduce((sum, sender) => sum + sender.texts.size, 0));
  return texts.length;
}

await check(`[OR6] [DD1] killed ${kKills} times under load, the server loses and doubles nothing`, async () => {
  console.log(`        GODWIT_SEED=${kSeed}`);
  const data = scratch_folder('killed');
  const first = await start_server({ data, flags: kRoomy });
  const { people, chats, senders } = await set_up(first);
  const runs = senders.map((sender) => sender.run());
  const last = await kill_again_and_again(first, data, senders);
  await Promise.all(senders.map((sender) => within(sender.acks(5), 'recovery after the last kill')));
  for (const sender of senders) sender.finish();
  await within(Promise.all(runs), 'all senders to be answered');
  let stored = 0;
  for (const [at, chatId] of chats.entries()) {
    const of_chat = at === 0 ? senders.slice(0, 4) : senders.slice(4);
    stored += await assert_log(people[0], chatId, of_chat);
  }
  for (const sender of senders) assert.ok(sender.connections > 1, 'every sender lived through a kill');
  console.log(`        ${stored} messages, ${senders.reduce((n, s) => n + s.connections, 0)} connections`);
  assert.equal((await last.stop()).code, 0);
});
