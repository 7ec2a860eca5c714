// A chat's history as the WebAssembly core shows it: a fresh core without storage, driven by the very
// host that the browser's worker runs, over a real WebSocket and real REST.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import WebSocket from 'ws';

import { kRoot } from '../support/server.mjs';

const kView = 1;
const kAppView = 2;

// The host is TypeScript: bundled once, by the client package's own bundler.
async function load_host() {
  const { build } = createRequire(join(kRoot, 'wasm-core/package.json'))('esbuild');
  const folder = join(kRoot, 'build/tests');
  mkdirSync(folder, { recursive: true });
  const bundle = async (source, name) => {
    const outfile = join(folder, `${name}.mjs`);
    const entryPoints = [join(kRoot, 'wasm-core/src', source)];
    await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'warning' });
    return import(pathToFileURL(outfile).href);
  };
  const { CoreHost } = await bundle('core/host.ts', 'core_host');
  const { applyPatch, EMPTY_VIEW } = await bundle('patches.ts', 'patches');
  const glue = pathToFileURL(join(kRoot, 'build/wasm/wasm-core/godwit_core_node.mjs'));
  const { default: create_module } = await import(glue.href);
  return { CoreHost, applyPatch, EMPTY_VIEW, create_module };
}
let parts;
process.setMaxListeners(0); // each instance of the module hangs its own on the process

/** [{senderId, text}] of what people wrote in the chat, oldest first, once the core has all of it. */
export async function core_history(person, chatId) {
  parts ??= load_host();
  const { CoreHost, applyPatch, EMPTY_VIEW, create_module } = await parts;
  const module = await create_module({});
  return new Promise((resolve, reject) => {
    const views = new Map([[kView, EMPTY_VIEW], [kAppView, EMPTY_VIEW]]);
    const host = new CoreHost({
      module: { storage: module.storage, ready: Promise.resolve(module) },
      account: { ...person, deviceId: crypto.randomUUID() },
      coreVersion: 'test',
      memoryReason: 'missing',
      mark: () => {},
      seed: [chatId.length, Number(person.userId.slice(-6))],
      clock: { nowMs: () => performance.now(), wallMs: () => Date.now() },
      network: network_of(person),
      events: {
        onView: (view, json) => {
          views.set(view, applyPatch(views.get(view), JSON.parse(json), (item) => item.localId));
          queueMicrotask(look);
        },
        onStopped: reject,
        onSessionEnded: () => reject(new Error('the session ended')),
        onOutdated: () => reject(new Error('the core is outdated')),
        onKept: () => {},
        onReport: () => {},
        onFenced: () => {},
      },
    });
    let asked = -1;
    let done = false;
    const look = () => {
      const { fields, items } = views.get(kView);
      const synced = views.get(kAppView).fields.connection?.synced === true;
      if (done || !synced || items.length === 0 || fields.loadingOlder) return;
      if (!fields.hasOlder) {
        done = true;
        host.dispose();
        resolve(items.filter(({ text }) => text !== undefined).map(({ senderId, text }) => ({ senderId, text })));
      } else if (asked !== items.length) {
        asked = items.length;
        host.command({ t: 'older', view: kView });
      }
    };
    host.start().then(() => {
      host.command({ t: 'open', view: kAppView, kind: 'app' });
      host.command({ t: 'open', view: kView, kind: 'conversation', chatId });
      host.network(true);
    }, reject);
  });
}

// The browser's network for the host, made of Node's.
function network_of({ origin, cookie }) {
  return {
    openSocket({ onOpen, onText, onClose }) {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, 'godwit.v1', { headers: { cookie, origin } });
      socket.on('open', onOpen);
      socket.on('message', (bytes) => onText(bytes.toString()));
      socket.on('close', (code, reason) => onClose(code, reason.toString()));
      socket.on('error', () => {}); // its close follows
      return { send: (text) => socket.send(text), close: () => socket.terminate() };
    },
    async request(method, path, body) {
      const response = await fetch(`${origin}/api/v1${path}`, {
        method,
        headers: { origin, cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
    },
  };
}
