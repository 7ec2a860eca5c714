// HTTP by hand over a bare TCP socket: for what no HTTP library would send, and for seeing every
// byte that comes back.
import { connect } from 'node:net';

import { within } from '../../support/checks.mjs';

const kWaitMsMax = 120_000; // only a hang takes so long

export class RawSocket {
  received = Buffer.alloc(0);
  ended = false;
  #wake = [];

  static async open(port) {
    const raw = new RawSocket();
    raw.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    raw.closed = new Promise((resolve) => raw.socket.on('close', resolve));
    raw.socket.on('data', (bytes) => {
      raw.received = Buffer.concat([raw.received, bytes]);
      raw.#changed();
    });
    for (const event of ['end', 'close', 'error']) {
      raw.socket.on(event, () => {
        raw.ended = true;
        raw.#changed();
      });
    }
    await new Promise((resolve, reject) => {
      raw.socket.once('connect', resolve);
      raw.socket.once('error', reject);
    });
    return raw;
  }

  /** Resolves when the bytes are handed to the kernel (or the peer is gone). */
  write(bytes) {
    return new Promise((resolve) => {
      if (this.socket.destroyed) return resolve();
      this.socket.write(bytes, () => resolve());
    });
  }

  /** The next answer of the connection: {status, headers, body, text}; its bytes are taken out. */
  async answer(what = 'an answer') {
    for (;;) {
      const found = take_answer(this.received, this.ended);
      if (found) {
        this.received = this.received.subarray(found.bytes);
        return found;
      }
      if (this.ended) throw new Error(`the connection ended before ${what}: ${this.received}`);
      await this.changed(what);
    }
  }

  /** Resolves when the server has ended the connection. */
  async end(what = 'the end of the connection') {
    while (!this.ended) await this.changed(what);
  }

  changed(what) {
    return within(new Promise((resolve) => this.#wake.push(resolve)), what, kWaitMsMax);
  }

  destroy() {
    this.socket.destroy();
  }

  #changed() {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function take_answer(bytes, ended) {
  const head_end = bytes.indexOf('\r\n\r\n');
  if (head_end < 0) return undefined;
  const [line, ...lines] = bytes.subarray(0, head_end).toString('latin1').split('\r\n');
  const headers = new Map(lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]));
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1]);
  const start = head_end + 4;
  if (status < 200) return { status, headers, bytes: start, text: '' };
  if (headers.get('transfer-encoding') === 'chunked') throw new Error('a chunked answer');
  const length = status === 204 || status === 304 ? 0 : Number(headers.get('content-length') ?? NaN);
  if (Number.isNaN(length)) {
    if (!ended) return undefined;
    return { status, headers, bytes: bytes.length, text: bytes.subarray(start).toString() };
  }
  if (bytes.length < start + length) return undefined;
  return { status, headers, bytes: start + length, text: bytes.subarray(start, start + length).toString() };
}
