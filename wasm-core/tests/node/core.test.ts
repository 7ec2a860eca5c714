/** The real core, as WebAssembly under Node, behind the same host as in the browser. */
import assert from 'node:assert/strict';
import { test } from '../harness.mjs';
import { CoreAbi, decodeEffects } from '../../src/core/abi';
import { CoreHost, type SocketEvents } from '../../src/core/host';
import type { CoreModule, CreateCoreModule } from '../../src/core/module';

declare const process: { readonly env: Readonly<Record<string, string>> };

async function newModule(): Promise<CoreModule> {
  const glue = (await import(process.env['GODWIT_CORE_NODE'] as string)) as { default: CreateCoreModule };
  return glue.default({ print: () => undefined, printErr: () => undefined });
}

type Probe = () => Promise<'hung' | undefined>;

/** A host on a network that the test plays. */
class World {
  readonly sent: { readonly type: string; readonly [field: string]: unknown }[] = [];
  readonly views = new Map<number, string[]>();
  readonly kept: string[] = [];
  readonly reports: string[] = [];
  sockets: SocketEvents[] = [];
  stopped = 0;
  host!: CoreHost;
  now = 1_000_000;

  async start(ruled: 'out' | 'in' = 'out', probe: Probe = async () => undefined, module?: CoreModule): Promise<this> {
    module ??= await newModule();
    this.host = new CoreHost({
      module: { storage: module.storage, ready: Promise.resolve(module) },
      account: { userId: '11', username: 'ana', displayName: 'Ana', deviceId: 'device' },
      coreVersion: '0.1.0',
      memoryReason: ruled === 'out' ? 'insecure' : undefined,
      probe,
      mark: () => undefined,
      seed: [1, 2],
      clock: { nowMs: () => this.now, wallMs: () => 1_700_000_000_000 + this.now },
      network: {
        openSocket: (events) => {
          this.sockets.push(events);
          return { send: (text) => void this.sent.push(JSON.parse(text)), close: () => undefined };
        },
        request: async () => ({ status: 0, body: new Uint8Array(0) }),
      },
      events: {
        onView: (view, json) => void this.views.set(view, [...(this.views.get(view) ?? []), json]),
        onKept: (ids) => void this.kept.push(...ids),
        onSessionEnded: () => undefined,
        onOutdated: () => undefined,
        onReport: (json) => void this.reports.push(json),
        onFenced: () => undefined, onStorageGone: () => undefined,
        onStopped: () => void (this.stopped += 1),
      },
    });
    await this.host.start();
    return this;
  }

  online(): void {
    const socket = this.sockets.at(-1) as SocketEvents;
    socket.onOpen();
    socket.onText(JSON.stringify({
      type: 'welcome', userId: '11', sessionId: '1', epoch: 'e1', serverTime: '2026-11-21T09:26:33.123Z',
      heartbeatMs: 25000, limits: {}, protocol: 1, coreVersion: '0.1.0',
    }));
  }
  text(view: number): string {
    return (this.views.get(view) ?? []).join('\n');
  }
}

const chat = {
  chatId: '77', type: 'direct', name: '', rev: 1, head: 1, unread: 0, createdAt: '2026-11-21T09:26:33.123Z',
  members: [
    { userId: '11', username: 'ana', displayName: 'Ana', role: 'owner', rev: 1, joinedSeq: 1 },
    { userId: '12', username: 'ben', displayName: 'Ben', role: 'member', rev: 1, joinedSeq: 1 },
  ],
  receipts: { delivered: {}, read: {} },
};

test('[SY1] [ST7] the core connects, says hello, and shows that it is in memory', async () => {
  const world = await new World().start();
  world.host.command({ t: 'open', view: 1, kind: 'app' });
  assert.equal(world.sockets.length, 1);
  world.online();
  assert.equal(world.sent[0]?.type, 'hello');
  assert.ok(world.text(1).includes('"state":"memory"'));
  assert.ok(world.text(1).includes('"reason":"insecure"'));
  assert.ok(world.text(1).includes('"state":"online"'));
  world.host.dispose();
});

test('[ST7] storage that is slow to open is used where it is open before the probe has ended', async () => {
  const module = await newModule();
  const opening: (() => void)[] = [];
  module.storage.open = (_mount, done) => void opening.push(() => done(null, { term: 1, files: 0, unreadable: [] }));
  const opensMeanwhile: Probe = () => {
    for (const open of opening) open();
    return new Promise(() => undefined); // hangs behind what is slow
  };
  const slow = await new World().start('in', opensMeanwhile, module);
  assert.equal(slow.host.durable, true);
  slow.host.dispose();
});

test('[ST7] storage that does not open is done without, once the probe says so', async () => {
  const module = await newModule();
  module.storage.open = () => undefined;
  const world = await new World().start('in', async () => 'hung', module);
  world.host.command({ t: 'open', view: 1, kind: 'app' });
  assert.equal(world.host.durable, false);
  assert.ok(world.text(1).includes('"reason":"hung"'));
  world.host.dispose();
});

test('[WI22] [OV1] a message is shown at once, sent as it was typed, and acknowledged', async () => {
  const world = await new World().start();
  world.online();
  assert.equal(world.host.command({ t: 'adopt', chat }), 0);
  world.host.command({ t: 'open', view: 5, kind: 'conversation', chatId: '77' });
  const text = '  გამარჯობა 👋🏽 "quoted" \\ \u0001 \u2028 é ';
  assert.equal(world.host.command({ t: 'send', tempId: 't-1', chatId: '77', text }), 0);
  assert.ok(world.text(5).includes('"localId":"t-1"'));
  const frame = world.sent.find((one) => one.type === 'message') as { readonly content?: { readonly text: string } } | undefined;
  assert.equal(frame?.content?.text, text);
  world.sockets.at(-1)?.onText(JSON.stringify({
    type: 'message_ack', tempId: 't-1', messageId: '900', chatId: '77', seq: 2, rev: 2,
    timestamp: '2026-11-21T09:26:33.123Z', status: 'sent',
  }));
  assert.deepEqual(world.kept, ['t-1']);
  assert.ok((world.views.get(5) ?? []).at(-1)?.includes('"status":"sent"'));
  world.host.dispose();
});

test('[CO1] what is malformed is refused by a code, and changes nothing', async () => {
  const world = await new World().start();
  const module = await newModule();
  const abi = new CoreAbi(module, { nowMs: () => 1, wallMs: () => 1 });
  abi.init(1, 2);
  const raw = (kind: number, text: string): number => {
    const bytes = new TextEncoder().encode(text);
    module.HEAPU8.set(bytes, module._core_in(bytes.length));
    return module._core_call(kind, bytes.length, 1, 1);
  };
  for (const text of ['', '{', '[]', '{"t":1}', '{"t":"none"}', '{"t":"send"}', '{"t":"open","view":1,"kind":"x"}',
    '{"t":"send","tempId":"t","chatId":"-1","text":"x"}', '{"t":"close","view":-1}', `${'['.repeat(40)}`]) {
    assert.ok(raw(1, text) !== 0, text);
  }
  for (const kind of [0, 3, 4, 7, 8, 10, 255]) assert.ok(raw(kind, '') !== 0, `kind ${kind}`);
  const long = 'x'.repeat(17_000);
  assert.ok(world.host.command({ t: 'send', tempId: 'long', chatId: '77', text: long }) !== 0);
  assert.equal(world.stopped, 0);
  world.host.dispose();
});

test('[CO2] frames of any bytes never stop the core', async () => {
  const world = await new World().start();
  world.online();
  const socket = world.sockets.at(-1) as SocketEvents;
  for (const text of ['', 'x', '{}', '{"type":"message"}', '{"type":"sync_response","done":true}', '\u0000', '\ud800',
    '{"type":"message_ack","tempId":"never","messageId":"1","chatId":"1","seq":1,"rev":1}']) {
    socket.onText(text);
  }
  assert.equal(world.stopped, 0);
  assert.equal(world.host.command({ t: 'adopt', chat }), 0);
  world.host.dispose();
});

test('[CO5] the memory grows under a large frame, and views come out whole', async () => {
  const world = await new World().start();
  world.online();
  world.host.command({ t: 'adopt', chat });
  world.host.command({ t: 'open', view: 5, kind: 'conversation', chatId: '77' });
  const socket = world.sockets.at(-1) as SocketEvents;
  for (let seq = 2; seq < 1500; seq += 1) {
    socket.onText(JSON.stringify({
      type: 'message', messageId: String(1000 + seq), chatId: '77', seq, rev: seq, senderId: '12',
      timestamp: '2026-11-21T09:26:33.123Z', content: { type: 'text', text: `${seq} ${'y'.repeat(15_000)}` },
    }));
  }
  const last = JSON.parse((world.views.get(5) ?? []).at(-1) ?? '{}') as { splice?: [number, number, { text: string }[]] };
  assert.ok(last.splice?.[2].at(-1)?.text.startsWith('1499 ') === true);
  assert.equal(world.stopped, 0);
  world.host.dispose();
});

test('[CO3] an exception out of the module stops the instance, once, and it is never called again', async () => {
  const world = new World();
  await world.start();
  const parts = world.host as unknown as { parts: { module: { ready: Promise<{ _core_call: () => number }> } } };
  const module = await parts.parts.module.ready;
  let calls = 0;
  module._core_call = () => {
    calls += 1;
    throw new Error('unreachable');
  };
  world.host.command({ t: 'flush' });
  world.host.command({ t: 'flush' });
  assert.deepEqual([world.stopped, calls], [1, 1]);
});

test('[CO4] effects that are cut off are a fault, not a guess', () => {
  assert.throws(() => decodeEffects(Uint8Array.of(3, 9, 0, 0, 0, 65)), Error);
  assert.throws(() => decodeEffects(Uint8Array.of(99, 0, 0, 0, 0)), Error);
});
