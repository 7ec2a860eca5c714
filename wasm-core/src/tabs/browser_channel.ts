/** The BroadcastChannel of an account's workers. What does not look like an envelope is not heard. */
import type { Channel } from './peer';
import type { Envelope } from './messages';

export function browserChannel(name: string): Channel | undefined {
  if (typeof BroadcastChannel !== 'function') return undefined;
  const channel = new BroadcastChannel(name);
  return {
    post: (envelope) => channel.postMessage(envelope),
    onMessage: (listener) => {
      channel.onmessage = (event: MessageEvent<unknown>) => {
        if (isEnvelope(event.data)) listener(event.data);
      };
    },
    close: () => channel.close(),
  };
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const { proto, version, term, from, body } = value as Record<string, unknown>;
  return (
    typeof proto === 'number' &&
    typeof version === 'string' &&
    typeof term === 'number' &&
    typeof from === 'string' &&
    typeof body === 'object' &&
    body !== null &&
    typeof (body as Record<string, unknown>)['t'] === 'string'
  );
}
