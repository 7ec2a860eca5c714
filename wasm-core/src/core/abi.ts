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

const BYTES_PER_CHARACTER_MAX = 3; // of UTF-8, for each UTF-16 code unit
const LONG_TEXT_CHARACTERS = 16_384; // room for thrice this is not kept for one that is all ASCII
const ROOM_BYTES_MIN = 4096;

export class CoreAbi {
  private input: Uint8Array = new Uint8Array(0); // of the module's memory

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
    return this.callText(INPUT.command, JSON.stringify(command));
  }
  frame(text: string): CallResult {
    return this.callText(INPUT.frame, text);
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
    return this.callText(INPUT.storageUnavailable, reason);
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
      this.room(input.length).set(input);
      return this.step(kind, input.length);
    });
  }

  /** Written straight into the module's memory: most of what comes are short texts. */
  private callText(kind: number, text: string): CallResult {
    if (text.length > LONG_TEXT_CHARACTERS) return this.call(kind, encoder.encode(text));
    return this.run(() => {
      const { written } = encoder.encodeInto(text, this.room(text.length * BYTES_PER_CHARACTER_MAX));
      return this.step(kind, written);
    });
  }

  private step(kind: number, size: number): number {
    return this.module._core_call(kind, size, this.clock.nowMs(), this.clock.wallMs());
  }

  /** Where an input of up to `size` bytes is written. When the memory has grown, what was there is empty. */
  private room(size: number): Uint8Array {
    if (this.input.length < Math.max(size, 1)) {
      const wanted = Math.max(size, ROOM_BYTES_MIN);
      const at = this.module._core_in(wanted);
      this.input = this.module.HEAPU8.subarray(at, at + wanted);
    }
    return this.input;
  }

  private run(call: () => number): CallResult {
    return this.guard(() => {
      const status = call();
      const size = this.module._core_out_size();
      const at = size === 0 ? 0 : this.module._core_out();
      const effects = decodeEffects(this.module.HEAPU8, at, at + size);
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

/**
 * Splits a run of `u8 kind, u32 length, payload`, which is bytes `from` to `to`; keeps none of them.
 * Throws on what is not one: a fault of our own.
 */
export function decodeEffects(bytes: Uint8Array, from = 0, to = bytes.length): Effect[] {
  const effects: Effect[] = [];
  for (let at = from; at < to; ) {
    const begin = at + HEAD_BYTES;
    const end = begin + u32(bytes, at + 1);
    if (end > to) throw new Error('an effect is cut off');
    effects.push(decodeEffect(bytes[at] ?? 0, bytes, begin, end));
    at = end;
  }
  return effects;
}

const HEAD_BYTES = 5;

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to));
}

/** The payload is bytes `at` to `end`. */
function decodeEffect(kind: number, bytes: Uint8Array, at: number, end: number): Effect {
  switch (kind) {
    case EFFECT.connect:
      return { kind: 'connect' };
    case EFFECT.disconnect:
      return { kind: 'disconnect', code: u16(bytes, at) };
    case EFFECT.sendFrame:
      return { kind: 'sendFrame', text: textOf(bytes, at, end) };
    case EFFECT.httpRequest: {
      const request = JSON.parse(textOf(bytes, at + 4, end)) as { method: string; path: string; body?: unknown };
      return { kind: 'httpRequest', id: u32(bytes, at), ...request };
    }
    case EFFECT.persist:
      return decodePersist(bytes, at);
    case EFFECT.view:
      return { kind: 'view', view: u32(bytes, at), json: textOf(bytes, at + 4, end) };
    case EFFECT.kept:
      return { kind: 'kept', tempIds: JSON.parse(textOf(bytes, at, end)) as string[] };
    case EFFECT.sessionEnded:
      return { kind: 'sessionEnded' };
    case EFFECT.wiped:
      return { kind: 'wiped' };
    case EFFECT.report:
      return { kind: 'report', json: textOf(bytes, at, end) };
    case EFFECT.outdated:
      return { kind: 'outdated' };
    default:
      throw new Error(`unknown effect ${kind}`);
  }
}

function decodePersist(bytes: Uint8Array, begin: number): Effect {
  const mount = MOUNTS[bytes[begin + 4] ?? MOUNTS.length];
  if (mount === undefined) throw new Error('unknown mount');
  const putCount = u16(bytes, begin + 5);
  const deleteCount = u16(bytes, begin + 7);
  const paths: string[] = [];
  let at = begin + 9;
  for (let i = 0; i < putCount + deleteCount; i += 1) {
    const end = at + 2 + u16(bytes, at);
    paths.push(textOf(bytes, at + 2, end));
    at = end;
  }
  return {
    kind: 'persist',
    batch: u32(bytes, begin),
    mount,
    puts: paths.slice(0, putCount),
    deletes: paths.slice(putCount),
  };
}
