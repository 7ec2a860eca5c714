// A device's journal after a long time: the files that the core itself wrote for a history, and how
// many bytes that took.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { kRoot } from '../support/server.mjs';

const kMounts = ['/q', '/h', '/c'];
const kKind = { command: 1, frame: 2, batch_done: 4, socket_open: 6 };
const kEffectPersist = 5;
const kRestFollows = 1;
const kPartFiles = 4; // as storage/idbfs_safe.js reads it: the manifest, then the latest first
const place = ({ path }) => (path.endsWith('/manifest') ? Infinity : Number(/\d+$/.exec(path)[0]));
const encoder = new TextEncoder();

// A core over MEMFS in Node. Batches end, well, whenever `settle()` is called.
class JournalingCore {
  static async open({ userId, files = [] }) {
    const glue = await import(pathToFileURL(join(kRoot, 'build/wasm/wasm-core/godwit_core_node.mjs')).href);
    const core = new JournalingCore();
    core.module = await glue.default({ print: () => {}, printErr: () => {} });
    core.bytes_put = 0;
    core.batches = [];
    for (const mount of kMounts) core.module.FS.mkdir(mount);
    core.module._core_init(1, 2, 0);
    core.load(0, files.filter(({ mount }) => mount === '/q'));
    core.load(1, files.filter(({ mount }) => mount === '/h'));
    core.command({ t: 'start', userId, username: 'ana', displayName: 'Ana', deviceId: 'd', coreVersion: '1', term: 1 });
    const history = files.filter(({ mount }) => mount === '/c').sort((a, b) => place(b) - place(a));
    while (history.length > kPartFiles) core.load(2, history.splice(0, kPartFiles), kRestFollows);
    core.load(2, history);
    return core;
  }

  load(mount, files, rest = 0) {
    for (const { path, bytes } of files) this.module.FS.writeFile(path, bytes);
    this.module._core_load(mount, rest, 1_000, 1_760_000_000_000);
    this.take_effects();
  }

  call(kind, bytes) {
    const { module } = this;
    module.HEAPU8.set(bytes, module._core_in(bytes.length));
    if (module._core_call(kind, bytes.length, 1_000, 1_760_000_000_000) !== 0) throw new Error('the core refused an input');
    this.take_effects();
  }

  text(kind, value) {
    this.call(kind, encoder.encode(typeof value === 'string' ? value : JSON.stringify(value)));
  }

  command(command) {
    this.text(kKind.command, command);
  }

  take_effects() {
    const { module } = this;
    const bytes = module.HEAPU8.slice(module._core_out(), module._core_out() + module._core_out_size());
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += 5 + view.getUint32(at + 1, true)) {
      if (bytes[at] !== kEffectPersist) continue;
      this.batches.push(view.getUint32(at + 5, true));
      let name = at + 14;
      for (let left = view.getUint16(at + 10, true); left > 0; left -= 1) {
        const size = view.getUint16(name, true);
        const path = new TextDecoder().decode(bytes.subarray(name + 2, name + 2 + size));
        this.bytes_put += module.FS.stat(path).size;
        name += 2 + size;
      }
    }
  }

  settle() {
    while (this.batches.length > 0) {
      const done = new Uint8Array(6);
      new DataView(done.buffer).setUint32(0, this.batches.shift(), true);
      done[4] = 1;
      this.call(kKind.batch_done, done);
    }
  }

  files() {
    const { FS } = this.module;
    return kMounts.flatMap((mount) =>
      FS.readdir(mount)
        .filter((name) => name !== '.' && name !== '..')
        .map((name) => ({ mount, path: `${mount}/${name}`, bytes: FS.readFile(`${mount}/${name}`) })),
    );
  }

  heap_bytes() {
    return this.module.HEAPU8.length;
  }
}

/**
 * The files of a device on which `chat` (its state as REST tells it) has grown by `messages`, told
 * `together` at a time between two batches; what was written for it; and the core's memory with all
 * of it loaded.
 */
export async function journal_of({ userId, epoch, chat, peerId, messages, together }) {
  const core = await JournalingCore.open({ userId });
  core.text(kKind.socket_open, '');
  core.text(kKind.frame, {
    type: 'welcome', userId, sessionId: '1', epoch, serverTime: '2026-11-21T09:26:33.123Z',
    heartbeatMs: 25000, limits: {}, protocol: 1, coreVersion: '1',
  });
  core.command({ t: 'adopt', chat });
  core.settle();
  const before = core.bytes_put;
  for (let at = 1; at <= messages; at += 1) {
    core.text(kKind.frame, {
      type: 'message', messageId: String(7_000_000_000_000_000 + at), chatId: chat.chatId,
      seq: chat.head + at, rev: chat.head + at, senderId: at % 2 === 0 ? userId : peerId,
      timestamp: new Date(1_760_000_000_000 + at * 1_000).toISOString(),
      content: { type: 'text', text: `message ${at}, of ordinary length, as people write them: გამარჯობა 👋` },
    });
    if (at % together === 0) core.settle();
  }
  core.settle();
  const files = core.files();
  const reopened = await JournalingCore.open({ userId, files });
  return {
    files,
    kept_bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    put_bytes: core.bytes_put - before,
    heap_bytes: reopened.heap_bytes(),
  };
}
