// The people of one log on one group, and what befalls their connections while it plays. Chance
// comes from a seed, so that a run can be had again; steps are lines of the log, never moments.
import { WireClient } from '../support/wire_client.mjs';

const kAwayLines = 620; // longer than the 500 events that a sync repeats one by one
const kChanceOfDrop = 0.04; // a line
const kChanceOfLostAck = 0.25; // a line of one whose connection is bad
const kChanceOfPause = 0.05; // a line
const kBackWithin = 60; // lines

// mulberry32: small, seeded, good enough to choose by.
function chance_of(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Stage {
  #chance;
  #back = new Map(); // nick -> the line at which it returns
  #awake = new Map(); // nick -> the line at which it reads again
  dropped = 0;
  paused = 0;
  repeated = 0;

  constructor({ people, chatId, seed }) {
    this.chatId = chatId;
    this.clients = new Map([...people].map(([nick, person]) => [nick, new WireClient(person, chatId)]));
    this.#chance = chance_of(seed);
    const nicks = [...people.keys()];
    this.traveller = nicks.at(-1); // who speaks last of all, and so can be away for long
    const others = nicks.slice(0, -1);
    this.unsteady = others.filter((_, at) => at % 5 === 2);
    this.sluggish = others.filter((_, at) => at % 7 === 3);
  }

  get deltas() {
    return [...this.clients.values()].reduce((sum, client) => sum + client.deltas, 0);
  }

  get resets() {
    return [...this.clients.values()].reduce((sum, client) => sum + client.resets, 0);
  }

  tally() {
    return `${this.dropped} cut off, ${this.paused} slow, ${this.repeated} repeated after a lost ack, ` +
      `${this.deltas} syncs, ${this.resets} resets`;
  }

  /** Every line in order; resolves once everybody is connected again and has all of it. */
  async play(log) {
    for (const client of this.clients.values()) await client.connect();
    let unacked = [];
    let speaker;
    let head = 0;
    for (const [at, { nick, text }] of log.entries()) {
      if (nick !== speaker) head = await last_of(unacked, head);
      if (nick !== speaker) unacked = [];
      speaker = nick;
      await this.#befall(at, nick);
      unacked.push(await this.#say(nick, text));
    }
    head = await last_of(unacked, head);
    for (const nick of this.clients.keys()) await this.#recover(nick);
    await Promise.all([...this.clients.values()].map((client) => client.reach(head)));
  }

  close() {
    for (const client of this.clients.values()) client.drop();
  }

  // Returns a box around the promise of the ack, for the order of a speaker's own lines is the
  // connection's to keep: they need not wait for each other.
  async #say(nick, text) {
    const client = this.clients.get(nick);
    const acked = client.send(text);
    acked.catch(() => {}); // it is awaited, later
    if (this.unsteady.includes(nick) && this.#chance() < kChanceOfLostAck) {
      client.drop();
      this.repeated += 1;
      await client.connect();
    }
    return { acked };
  }

  async #befall(at, speaker) {
    if (at === 20) this.#drop(this.traveller, at + kAwayLines);
    if (this.#chance() < kChanceOfDrop) this.#drop(this.#one_of(this.unsteady), at + this.#some_lines());
    if (this.#chance() < kChanceOfPause) this.#pause(this.#one_of(this.sluggish), at + this.#some_lines());
    const due = [...this.#back, ...this.#awake].filter(([, line]) => line <= at).map(([nick]) => nick);
    for (const nick of new Set([...due, speaker])) await this.#recover(nick);
  }

  #drop(nick, until) {
    if (this.#back.has(nick) || this.#awake.has(nick)) return;
    this.clients.get(nick).drop();
    this.#back.set(nick, until);
    this.dropped += 1;
  }

  #pause(nick, until) {
    if (this.#back.has(nick) || this.#awake.has(nick)) return;
    this.clients.get(nick).pause();
    this.#awake.set(nick, until);
    this.paused += 1;
  }

  async #recover(nick) {
    const client = this.clients.get(nick);
    if (this.#awake.delete(nick)) client.resume();
    this.#back.delete(nick);
    // Also one whom the server has closed, as it may a reader too slow.
    if (!client.connected) await client.connect();
  }

  #one_of(nicks) {
    return nicks[Math.floor(this.#chance() * nicks.length)];
  }

  #some_lines() {
    return 1 + Math.floor(this.#chance() * kBackWithin);
  }
}

async function last_of(unacked, head) {
  let last = head;
  for (const { acked } of unacked) last = Math.max(last, (await acked).seq);
  return last;
}
