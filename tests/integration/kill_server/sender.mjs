// A client under fire: sends one message after the other into one chat, keeps what is not answered
// with its tempId, and after every loss of the connection comes back, asks for what it missed and
// sends the unanswered again. It holds what it was told, to be compared with the log afterwards.
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';

const kWindow = 8; // sends under way at once

export class Sender {
  acked = new Map(); // tempId -> ack
  texts = new Map(); // tempId -> what it said
  seen = new Map(); // seq -> event
  connections = 0;
  faults = [];
  #waiting = new Map(); // tempId -> frame, in the order sent
  #running = true;
  #origin;
  #cookie;
  #chatId;
  #name;
  #count = 0;
  #head = 0;
  #socket;
  #idle = [];

  constructor({ origin, cookie, chatId, name }) {
    this.#origin = origin;
    this.#cookie = cookie;
    this.#chatId = chatId;
    this.#name = name;
  }

  /** Comes back until it is told to stop. */
  async run() {
    while (this.#running || this.#waiting.size > 0) {
      await this.#one_connection();
      await new Promise((resolve) => setTimeout(resolve, 5)); // refused while the server is down
    }
  }

  /** No new messages; run() ends once all are answered. */
  finish() {
    this.#running = false;
    if (this.#waiting.size === 0) this.#socket?.close();
  }

  /** Resolves once `count` more have been acknowledged. */
  acks(count) {
    const target = this.acked.size + count;
    return new Promise((resolve) => this.#idle.push({ target, resolve }));
  }

  #one_connection() {
    return new Promise((resolve) => {
      const socket = new WebSocket(`${this.#origin.replace('http', 'ws')}/ws`, 'godwit.v1', {
        headers: { cookie: this.#cookie, origin: this.#origin },
      });
      this.#socket = socket;
      socket.on('open', () => this.#greet(socket));
      socket.on('message', (bytes) => this.#take(JSON.parse(bytes.toString()), socket));
      socket.on('error', () => {}); // its close follows
      socket.on('close', resolve);
    });
  }

  #greet(socket) {
    this.connections += 1;
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, deviceId: this.#name, coreVersion: 'test' }));
    socket.send(JSON.stringify({ type: 'sync_request', requestId: 'r', chats: { [this.#chatId]: this.#head } }));
    for (const frame of this.#waiting.values()) socket.send(frame);
    this.#fill(socket);
  }

  #fill(socket) {
    while (this.#running && this.#waiting.size < kWindow && socket.readyState === WebSocket.OPEN) {
      const tempId = randomUUID();
      const text = `${this.#name} says ${(this.#count += 1)}`;
      const frame = JSON.stringify({ type: 'message', tempId, chatId: this.#chatId, content: { type: 'text', text } });
      this.texts.set(tempId, text);
      this.#waiting.set(tempId, frame);
      socket.send(frame);
    }
    if (!this.#running && this.#waiting.size === 0) socket.close();
  }

  #take(frame, socket) {
    if (frame.type === 'message_ack') {
      if (this.acked.has(frame.tempId)) this.#compare(this.acked.get(frame.tempId), frame);
      else this.acked.set(frame.tempId, frame);
      this.#waiting.delete(frame.tempId);
      for (const idle of this.#idle.filter(({ target }) => this.acked.size >= target)) idle.resolve();
      this.#idle = this.#idle.filter(({ target }) => this.acked.size < target);
      this.#fill(socket);
    } else if (frame.type === 'error' && !frame.retryable) {
      this.faults.push(`${frame.code}: ${frame.message}`);
    } else if (frame.type === 'error') {
      socket.terminate(); // comes back and sends all of them again, in order
    } else if (frame.type === 'sync_response') {
      if (frame.reset) this.#head = frame.page.asOf;
      for (const event of frame.events ?? []) this.#see(event);
    } else if (frame.type === 'message' || frame.type === 'chat') {
      this.#see(frame);
    }
  }

  #compare(before, now) {
    if (before.seq !== now.seq || before.messageId !== now.messageId) {
      this.faults.push(`${now.tempId} was acknowledged at ${before.seq} and again at ${now.seq}`);
    }
  }

  #see(event) {
    if (event.chatId !== this.#chatId) return; // a connection hears of all of its person's chats
    const held = this.seen.get(event.seq);
    const id = (e) => e.messageId ?? e.message.messageId;
    if (held && id(held) !== id(event)) this.faults.push(`seq ${event.seq} is two messages`);
    this.seen.set(event.seq, event);
    while (this.seen.has(this.#head + 1)) this.#head += 1;
  }
}
