// One WebSocket connection as a test sees it: every frame in the order it came, and waiting for the
// one that is due. Written from the protocol page alone.
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';

import { within } from '../../support/checks.mjs';

const kWaitMsMax = 120_000; // only a hang takes so long
const kAliveNonce = 'still here';
const kAliveEveryMs = 10_000; // the server gives up on whom it has not heard for 35 s

export class Peer {
  log = []; // every frame, in order
  raw = []; // their bytes
  #unread = [];
  #waiting = [];
  #socket;

  /** Resolves once the upgrade is done, or rejects with an Error that has `status`. */
  static async open(origin, { cookie, token, from = origin, headers = {}, protocols = 'godwit.v1' } = {}) {
    const peer = new Peer();
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, protocols, {
      headers: {
        ...(cookie ? { cookie } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(from ? { origin: from } : {}),
        ...headers,
      },
      perMessageDeflate: false,
    });
    peer.#socket = socket;
    peer.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const { reject, what } of peer.#waiting.splice(0)) {
          reject(new Error(`closed with ${code} ${reason} while waiting for ${what}`));
        }
      });
    });
    socket.on('message', (bytes) => peer.#take(bytes));
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (request, response) => {
        reject(Object.assign(new Error(`upgrade answered ${response.statusCode}`), { status: response.statusCode }));
        request.destroy();
      });
    });
    socket.on('error', () => {}); // its close follows
    return peer;
  }

  /** A connection of this person, greeted, and welcomed. */
  static async of(person, hello = {}) {
    const peer = await Peer.open(person.origin, { cookie: person.cookie });
    peer.person = person;
    peer.hello(hello);
    peer.welcome = await peer.next((frame) => frame.type === 'welcome', 'welcome');
    peer.#stay_alive();
    return peer;
  }

  get protocol() {
    return this.#socket.protocol;
  }

  get socket() {
    return this.#socket;
  }

  hello(more = {}) {
    this.send({ type: 'hello', protocol: 1, deviceId: randomUUID(), coreVersion: 'test', ...more });
  }

  send(frame) {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  send_bytes(bytes, options) {
    this.#socket.send(bytes, options);
  }

  /** The first frame not yet taken that matches, now or when it comes; it is taken out. */
  next(matches, what) {
    const at = this.#unread.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.#unread.splice(at, 1)[0]);
    const waited = new Promise((resolve, reject) => this.#waiting.push({ matches, resolve, reject, what }));
    return within(waited, what ?? 'a frame', kWaitMsMax);
  }

  event(chatId, type = 'message', matches = () => true) {
    return this.next((f) => f.type === type && f.chatId === chatId && f.seq && matches(f), `${type} event`);
  }

  /** Sends an operation and resolves with its ack or error. */
  ask(frame) {
    const named = { tempId: randomUUID(), ...frame };
    this.send(named);
    return this.answer(named.tempId);
  }

  answer(tempId) {
    return this.next(
      (f) => ['message_ack', 'ack', 'error'].includes(f.type) && f.tempId === tempId,
      `the answer to ${tempId}`,
    );
  }

  say(chatId, text, more = {}) {
    return this.ask({ type: 'message', chatId, content: { type: 'text', text }, ...more });
  }

  /** All parts of the answer to a sync request. */
  async sync(request) {
    const requestId = randomUUID();
    this.send({ type: 'sync_request', requestId, chats: {}, ...request });
    const parts = [];
    for (;;) {
      const part = await this.next((f) => f.requestId === requestId, 'a sync response');
      if (part.type === 'error') return part;
      parts.push(part);
      if (part.done) return parts;
    }
  }

  /** Everything the server had sent before it answered this is in `log` afterwards. */
  async barrier() {
    const nonce = randomUUID();
    this.send({ type: 'ping', nonce });
    return this.next((f) => f.type === 'pong' && f.nonce === nonce, 'pong');
  }

  close() {
    this.#socket.close();
    return this.closed;
  }

  terminate() {
    this.#socket.terminate();
    return this.closed;
  }

  /** As every client does: a check that only listens may last longer than a silence may. */
  #stay_alive() {
    const pings = setInterval(() => this.send({ type: 'ping', nonce: kAliveNonce }), kAliveEveryMs).unref();
    this.#socket.once('close', () => clearInterval(pings));
  }

  #take(bytes) {
    const frame = JSON.parse(bytes.toString());
    if (frame.type === 'pong' && frame.nonce === kAliveNonce) return;
    this.log.push(frame);
    this.raw.push(bytes);
    const at = this.#waiting.findIndex(({ matches }) => matches(frame));
    if (at < 0) this.#unread.push(frame);
    else this.#waiting.splice(at, 1)[0].resolve(frame);
  }
}
