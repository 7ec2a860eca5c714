/**
 * The C ABI as typed calls: bytes in, effects out. Knows layouts and nothing else. An exception out
 * of the module (a broken invariant, or out of memory) is a `CoreStopped`; the instance is then of no
 * further use.
 */
import { EFFECT, INPUT, type CoreCommand } from './commands';
import { MOUNTS, type CoreModule, type MountPath } from './module';

export class CoreStopped extends Error {
  constructor(cause: unknown) {
    super(`the core stopped itself: ${String(cause)}`);
    this.name = 'CoreStopped';
  }
}

export type Effect =
  | { readonly kind: 'connect' }
  | { readonly kind: 'disconnect'; readonly code: number }
  | { readonly kind: 'sendFrame'; readonly text: string }
  | { readonly kind: 'httpRequest'; readonly id: number; readonly method: string; readonly path: string; readonly body?: unknown }
  | { readonly kind: 'persist'; readonly batch: number; readonly mount: MountPath; readonly puts: readonly string[]; readonly deletes: readonly string[] }
  | { readonly kind: 'view'; readonly view: number; readonly json: string }
  | { readonly kind: 'kept'; readonly tempIds: readonly string[] }
  | { readonly kind: 'sessionEnded' }
  | { readonly kind: 'wiped' }
  | { readonly kind: 'report'; readonly json: string }
  | { readonly kind: 'outdated' };

export interface CallResult {
  /** 0: done; else the code of a refusal, and nothing has changed. */
  readonly status: number;
  readonly effects: readonly Effect[];
  /** When to call again with `deadline`, in the clock of `nowMs`; negative: never. */
  readonly deadlineMs: number;
}

export interface Clock {
  /** Steady, in ms. */
  nowMs(): number;
  wallMs(): number;
}

/** What comes of a mount after what is handed over, as ABI.md numbers it. */
export const REST = { none: 0, follows: 1, lost: 2 } as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class CoreAbi {
  constructor(
    private readonly module: CoreModule,
    private readonly clock: Clock,
  ) {}

  init(seedLow: number, seedHigh: number): void {
    this.guard(() => this.module._core_init(seedLow, seedHigh, this.clock.wallMs()));
  }

  /** Hands the files of a mount, which storage has loaded, to the core; of `/c`, a part of them. */
  load(mount: MountPath, rest: number = REST.none): CallResult {
    return this.run(() =>
      this.module._core_load(MOUNTS.indexOf(mount), rest, this.clock.nowMs(), this.clock.wallMs()),
    );
  }

  command(command: CoreCommand): CallResult {
    return this.call(INPUT.command, encoder.encode(JSON.stringify(command)));
  }
  frame(text: string): CallResult {
    return this.call(INPUT.frame, encoder.encode(text));
  }
  httpResponse(id: number, status: number, body: Uint8Array): CallResult {
    const bytes = new Uint8Array(6 + body.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, id, true);
    view.setUint16(4, status, true);
    bytes.set(body, 6);
    return this.call(INPUT.httpResponse, bytes);
  }
  batchDone(batch: number, ok: boolean, fenced: boolean): CallResult {
    const bytes = new Uint8Array(6);
    new DataView(bytes.buffer).setUint32(0, batch, true);
    bytes[4] = ok ? 1 : 0;
    bytes[5] = fenced ? 1 : 0;
    return this.call(INPUT.batchDone, bytes);
  }
  deadline(): CallResult {
    return this.call(INPUT.deadline, new Uint8Array(0));
  }
  socketOpen(): CallResult {
    return this.call(INPUT.socketOpen, new Uint8Array(0));
  }
  socketClosed(code: number, handshakeFailed: boolean, reason: string): CallResult {
    const text = encoder.encode(reason);
    const bytes = new Uint8Array(3 + text.length);
    new DataView(bytes.buffer).setUint16(0, code, true);
    bytes[2] = handshakeFailed ? 1 : 0;
    bytes.set(text, 3);
    return this.call(INPUT.socketClosed, bytes);
  }
  network(online: boolean): CallResult {
    return this.call(INPUT.network, Uint8Array.of(online ? 1 : 0));
  }
  storageUnavailable(reason: string): CallResult {
    return this.call(INPUT.storageUnavailable, encoder.encode(reason));
  }

  /** What this instance was given since its beginning, with filler for what people wrote. */
  trace(): Uint8Array<ArrayBuffer> {
    return this.guard(() => {
      this.module._core_trace();
      const at = this.module._core_out();
      return new Uint8Array(this.module.HEAPU8.subarray(at, at + this.module._core_out_size()));
    });
  }

  private call(kind: number, input: Uint8Array): CallResult {
    return this.run(() => {
      const at = this.module._core_in(input.length);
      this.module.HEAPU8.set(input, at); // read anew: core_in may have grown the memory
      return this.module._core_call(kind, this.clock.nowMs(), this.clock.wallMs());
    });
  }

  private run(call: () => number): CallResult {
    return this.guard(() => {
      const status = call();
      const at = this.module._core_out();
      const size = this.module._core_out_size();
      const effects = decodeEffects(this.module.HEAPU8.slice(at, at + size));
      return { status, effects, deadlineMs: this.module._core_deadline() };
    });
  }

  private guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw new CoreStopped(error);
    }
  }
}

/** Splits a run of `u8 kind, u32 length, payload`. Throws on what is not one: a fault of our own. */
export function decodeEffects(bytes: Uint8Array): Effect[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const effects: Effect[] = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = view.getUint8(at);
    const length = view.getUint32(at + 1, true);
    const payload = bytes.subarray(at + 5, at + 5 + length);
    if (payload.length !== length) throw new Error('an effect is cut off');
    effects.push(decodeEffect(kind, payload));
    at += 5 + length;
  }
  return effects;
}

function decodeEffect(kind: number, payload: Uint8Array): Effect {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  switch (kind) {
    case EFFECT.connect:
      return { kind: 'connect' };
    case EFFECT.disconnect:
      return { kind: 'disconnect', code: view.getUint16(0, true) };
    case EFFECT.sendFrame:
      return { kind: 'sendFrame', text: decoder.decode(payload) };
    case EFFECT.httpRequest: {
      const request = JSON.parse(decoder.decode(payload.subarray(4))) as { method: string; path: string; body?: unknown };
      return { kind: 'httpRequest', id: view.getUint32(0, true), ...request };
    }
    case EFFECT.persist:
      return decodePersist(payload, view);
    case EFFECT.view:
      return { kind: 'view', view: view.getUint32(0, true), json: decoder.decode(payload.subarray(4)) };
    case EFFECT.kept:
      return { kind: 'kept', tempIds: JSON.parse(decoder.decode(payload)) as string[] };
    case EFFECT.sessionEnded:
      return { kind: 'sessionEnded' };
    case EFFECT.wiped:
      return { kind: 'wiped' };
    case EFFECT.report:
      return { kind: 'report', json: decoder.decode(payload) };
    case EFFECT.outdated:
      return { kind: 'outdated' };
    default:
      throw new Error(`unknown effect ${kind}`);
  }
}

function decodePersist(payload: Uint8Array, view: DataView): Effect {
  const mount = MOUNTS[view.getUint8(4)];
  if (mount === undefined) throw new Error('unknown mount');
  const putCount = view.getUint16(5, true);
  const deleteCount = view.getUint16(7, true);
  const paths: string[] = [];
  let at = 9;
  for (let i = 0; i < putCount + deleteCount; i += 1) {
    const length = view.getUint16(at, true);
    paths.push(decoder.decode(payload.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return {
    kind: 'persist',
    batch: view.getUint32(0, true),
    mount,
    puts: paths.slice(0, putCount),
    deletes: paths.slice(putCount),
  };
}
