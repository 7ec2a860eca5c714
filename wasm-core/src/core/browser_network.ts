/** The network of a browser's worker: one WebSocket at a time, and fetch with the session's cookie. */
import type { Network, Socket, SocketEvents } from './host';

const REQUEST_TIMEOUT_MS = 30_000;

/** `origin` is the server's, e.g. `https://chat.example.org`. */
export function browserNetwork(origin: string): Network {
  const socketUrl = `${origin.replace(/^http/, 'ws')}/ws`;
  return {
    openSocket: (events) => openSocket(socketUrl, events),
    request: (method, path, body) => request(`${origin}/api/v1${path}`, method, body),
  };
}

/** Between frames that came together (ABI.md, `frame`). */
const FRAME_SEPARATOR = '\u001E';

/**
 * Frames that the browser has received by the time one is looked at go to the core together: in a
 * burst what follows from them is worked out and drawn once, and a lone frame waits for one empty task.
 */
function openSocket(url: string, events: SocketEvents): Socket {
  const socket = new WebSocket(url, 'godwit.v1');
  const soon = new MessageChannel();
  let frames: string[] = [];
  const handOver = (): void => {
    const together = frames;
    frames = [];
    if (together.length > 0) events.onText(together.join(FRAME_SEPARATOR));
  };
  const end = (): void => {
    frames = [];
    soon.port1.close();
  };
  soon.port1.onmessage = handOver;
  socket.onopen = () => events.onOpen();
  socket.onmessage = (message: MessageEvent<unknown>) => {
    if (typeof message.data === 'string' && frames.push(message.data) === 1) soon.port2.postMessage(0);
  };
  socket.onclose = (event) => {
    handOver();
    end();
    events.onClose(event.code, event.reason);
  };
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close(code) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      end();
      // A browser takes 1000 and 3000 to 4999 from a page.
      socket.close(code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000);
    },
  };
}

async function request(url: string, method: string, body: unknown): Promise<{ status: number; body: Uint8Array }> {
  try {
    const response = await fetch(url, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    return { status: 0, body: new Uint8Array(0) };
  }
}
