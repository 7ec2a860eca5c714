/** The browser's socket as the host sees it: frames that came together arrive together, none is lost. */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { browserNetwork } from '../../src/core/browser_network';

/** The browser's end of a WebSocket, moved by hand. */
class FakeWebSocket {
  static readonly OPEN = 1;
  static last: FakeWebSocket | undefined;
  readonly readyState = FakeWebSocket.OPEN;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  closed: number | undefined;
  constructor(readonly url: string) {
    FakeWebSocket.last = this;
  }
  send(): void {}
  close(code: number): void {
    this.closed = code;
  }
}

function opened(): { heard: string[]; socket: ReturnType<ReturnType<typeof browserNetwork>['openSocket']>; wire: FakeWebSocket } {
  const heard: string[] = [];
  const before = globalThis.WebSocket;
  globalThis.WebSocket = FakeWebSocket as unknown as typeof WebSocket;
  try {
    const socket = browserNetwork('https://chat.example').openSocket({
      onOpen: () => heard.push('open'),
      onText: (text) => heard.push(text),
      onClose: (code) => heard.push(`closed ${code}`),
    });
    const wire = FakeWebSocket.last;
    if (wire === undefined) throw new Error('no WebSocket was opened');
    return { heard, socket, wire };
  } finally {
    globalThis.WebSocket = before;
  }
}

/** Resolves after the tasks that are queued by now. */
const later = (): Promise<void> =>
  new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(0);
  });

test('[CO10] frames of one burst are handed over together, in order; a later one alone', async () => {
  const { heard, socket, wire } = opened();
  for (const data of ['{"a":1}', '{"b":2}', new ArrayBuffer(1), '{"c":3}']) wire.onmessage?.({ data });
  assert.deepEqual(heard, []);
  await later();
  assert.deepEqual(heard, ['{"a":1}\u001E{"b":2}\u001E{"c":3}']);
  wire.onmessage?.({ data: '{"d":4}' });
  await later();
  assert.equal(heard[1], '{"d":4}');
  socket.close(1000);
});

test('[CO10] what came before a close is heard before it', async () => {
  const { heard, wire } = opened();
  wire.onmessage?.({ data: '{"a":1}' });
  wire.onclose?.({ code: 1006, reason: '' });
  assert.deepEqual(heard, ['{"a":1}', 'closed 1006']);
  await later();
  assert.equal(heard.length, 2);
});

test('[CO10] of a socket that was closed here nothing is heard any more', async () => {
  const { heard, socket, wire } = opened();
  wire.onmessage?.({ data: '{"a":1}' });
  socket.close(4001);
  await later();
  assert.deepEqual(heard, []);
  assert.equal(wire.closed, 4001);
});
