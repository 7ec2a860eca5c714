// A small client of the wire protocol, written from the protocol page alone and kept apart from the
// core on purpose: it holds one chat's log as it arrives, asks for what it missed, and repeats what
// was not acknowledged. It is strict where the page promises something: an event that leaves a hole
// while no sync is under way is an error, not something to heal.
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';

const kPingEveryMs = 20_000; // the page asks for 25 s at most without sending

export class WireClient {
  #person;
  #chatId;
  #socket;
  #waiting = new Map(); // tempId -> {frame, resolve, reject}
  #syncing = 0;
  #reached = []; // {seq, resolve}
  #messages = new Map(); // messageId -> message
  #head = 0; // the last seq without a hole before it
  #early = new Map(); // seq -> event, ahead of a hole that a sync is filling
  faults = []; // what the server did against the page
  deltas = 0;
  resets = 0;
  onEvent = () => {};

  constructor(person, chatId) {
    this.#person = person;
    this.#chatId = chatId;
  }

  get head() {
    return this.#head;
  }

  get connected() {
    return this.#socket !== undefined;
  }

  /** Opens a socket, says hello, asks for what was missed and repeats what is unanswered, at once. */
  async connect() {
    const { origin, cookie } = this.#person;
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, 'godwit.v1', { headers: { cookie, origin } });
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('close', (code, reason) => reject(new Error(`closed with ${code} ${reason}`)));
    });
    const synced = new Promise((resolve, reject) => {
      socket.on('message', (bytes) => this.#take(JSON.parse(bytes.toString()), resolve));
      socket.on('close', (code, reason) => {
        if (this.#socket === socket) this.#socket = undefined;
        if (this.#syncing > 0) this.#syncing = 0;
        reject(new Error(`closed with ${code} ${reason}`));
      });
    });
    socket.on('error', () => {}); // its close follows
    const pings = setInterval(() => socket.send('{"type":"ping"}'), kPingEveryMs).unref();
    socket.on('close', () => clearInterval(pings));
    synced.catch(() => {});
    this.#syncing = 1;
    this.#write({ type: 'hello', protocol: 1, deviceId: randomUUID(), coreVersion: 'test' });
    this.#write({ type: 'sync_request', requestId: 'r', chats: { [this.#chatId]: this.#head } });
    for (const { frame } of this.#waiting.values()) this.#write(frame);
    return synced;
  }

  /** Cuts the connection without a word, as a lost network does. */
  drop() {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#syncing = 0;
    this.#early.clear();
    socket?.terminate();
  }

  pause() {
    this.#socket?.pause();
  }

  resume() {
    this.#socket?.resume();
  }

  /** Resolves with the ack. Repeated over reconnects under the same tempId until there is one. */
  send(text) {
    const frame = { type: 'message', tempId: randomUUID(), chatId: this.#chatId, content: { type: 'text', text } };
    return new Promise((resolve, reject) => {
      this.#waiting.set(frame.tempId, { frame, resolve, reject });
      if (this.#socket) this.#write(frame);
    });
  }

  /** Resolves once everything up to `seq` is here. */
  reach(seq) {
    if (this.#head >= seq) return Promise.resolve();
    return new Promise((resolve) => this.#reached.push({ seq, resolve }));
  }

  /** What people wrote, in order, as far as this connection was told. */
  texts() {
    return [...this.#messages.values()]
      .filter((message) => message.content?.type === 'text')
      .sort((a, b) => a.seq - b.seq)
      .map((message) => ({ seq: message.seq, senderId: message.senderId, text: message.content.text }));
  }

  /** After a reset the log before its page is not known; REST has it. */
  async fill_from_rest() {
    for (const message of await this.#person.history(this.#chatId)) this.#merge(message);
  }

  #write(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  #take(frame, synced) {
    switch (frame.type) {
      case 'message':
        return this.#take_event(frame, frame);
      case 'chat':
      case 'edit':
      case 'delete':
      case 'reaction':
      case 'pin':
        return this.#take_event(frame, frame.message);
      case 'message_ack':
      case 'error':
        return this.#settle(frame);
      case 'sync_response':
        this.#take_sync(frame);
        if (frame.done) {
          this.#syncing = 0;
          synced();
        }
        return undefined;
      default:
        return undefined;
    }
  }

  #take_event(event, message) {
    if (event.chatId !== this.#chatId) return;
    this.#merge(message);
    if (event.seq > this.#head + 1) {
      if (this.#syncing === 0) this.faults.push(`a hole: ${this.#head + 1} to ${event.seq - 1}`);
      this.#early.set(event.seq, event);
    }
    if (event.seq === this.#head + 1) this.#advance(event.seq);
    this.onEvent(event);
  }

  #take_sync(frame) {
    if (frame.reset && frame.chatId === this.#chatId) {
      this.resets += 1;
      for (const message of frame.page.messages) this.#merge(message);
      this.#advance(frame.page.asOf);
    } else if (frame.events && frame.chatId === this.#chatId) {
      this.deltas += 1;
      if (frame.from > this.#head) this.faults.push(`asked from ${this.#head}, answered from ${frame.from}`);
      for (const event of frame.events) this.#merge(event.type === 'message' ? event : event.message);
      this.#advance(frame.to);
    }
  }

  #advance(seq) {
    if (seq > this.#head) this.#head = seq;
    while (this.#early.delete(this.#head + 1)) this.#head += 1;
    const due = this.#reached.filter((wanted) => wanted.seq <= this.#head);
    this.#reached = this.#reached.filter((wanted) => wanted.seq > this.#head);
    for (const wanted of due) wanted.resolve();
  }

  #merge(message) {
    const held = this.#messages.get(message.messageId);
    if (!held || held.rev < message.rev) this.#messages.set(message.messageId, message);
  }

  #settle(frame) {
    const waiting = this.#waiting.get(frame.tempId);
    if (!waiting) {
      if (frame.type === 'error') this.faults.push(`error ${frame.code}: ${frame.message}`);
      return;
    }
    this.#waiting.delete(frame.tempId);
    if (frame.type === 'error') waiting.reject(new Error(`${frame.code}: ${frame.message}`));
    else waiting.resolve(frame);
  }
}
