// Three clients that do the same work with what arrives: know a message again, put it in its place,
// count what is unread, keep the list of chats in order, and have the open chat ready to draw. Each
// is `{feed(frames), view()}`: feed() takes some frames and leaves everything shown up to date.
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { produce } from 'immer';
import { createStore } from 'zustand/vanilla';

import { kRoot } from '../support/server.mjs';
import { chat_id, kChats, kSelf } from './ingest_wire.mjs';

const kOpen = chat_id(0);
const kShown = 50; // of the open chat

const item_of = (message) => ({
  localId: message.tempId ?? message.messageId,
  messageId: message.messageId,
  seq: message.seq,
  senderId: message.senderId,
  own: message.senderId === kSelf,
  time: Date.parse(message.timestamp),
  text: message.content.text,
});

// Where `seq` belongs in an ascending list of messages; nearly always at the end.
function place_of(order, seq) {
  let at = order.length;
  while (at > 0 && order[at - 1].seq > seq) at -= 1;
  return at;
}

const newest_first = (a, b) => b.time - a.time || (a.chatId < b.chatId ? 1 : -1);
const shown_of = (chats) => ({
  rows: [...chats].sort(newest_first).map(({ chatId, unread }) => ({ chatId, unread })),
  newest: Object.fromEntries([...chats].map(({ chatId, items }) => [chatId, items.slice(-kShown).map(({ seq, text }) => ({ seq, text }))])),
});

// ---- plain JavaScript: JSON.parse, a Map to know messages again, sorted arrays ----

export function plain_store() {
  const chats = new Map();
  for (let number = 0; number < kChats; number += 1) {
    chats.set(chat_id(number), { chatId: chat_id(number), unread: 0, time: 0, items: [], known: new Map() });
  }
  let rows = [...chats.values()];
  let shown = [];
  return {
    feed(frames) {
      let open_changed = false;
      for (const frame of frames) {
        const message = JSON.parse(frame);
        const chat = chats.get(message.chatId);
        const known = chat.known.get(message.messageId);
        if (known !== undefined && known >= message.rev) continue;
        chat.known.set(message.messageId, message.rev);
        const item = item_of(message);
        chat.items.splice(place_of(chat.items, item.seq), 0, item);
        if (!item.own) chat.unread += 1;
        chat.time = Math.max(chat.time, item.time);
        open_changed ||= message.chatId === kOpen;
      }
      rows.sort(newest_first);
      if (open_changed) shown = chats.get(kOpen).items.slice(-kShown);
    },
    view: () => shown_of([...chats.values()]),
    dispose() {},
  };
}

// ---- Zustand with Immer: one immutable state, selectors that are told of changes ----

export function zustand_store() {
  const chats = Object.fromEntries(
    Array.from({ length: kChats }, (_, number) => [
      chat_id(number),
      { chatId: chat_id(number), unread: 0, time: 0, items: [], known: {} },
    ]),
  );
  const store = createStore(() => ({ chats, rows: Object.keys(chats), totalUnread: 0 }));
  const drawn = { items: [], rows: [], totalUnread: 0 };
  store.subscribe((state, before) => {
    if (state.chats[kOpen] !== before.chats[kOpen]) drawn.items = state.chats[kOpen].items.slice(-kShown);
    if (state.rows !== before.rows) drawn.rows = state.rows;
    drawn.totalUnread = state.totalUnread;
  });
  return {
    feed(frames) {
      store.setState(
        produce((draft) => {
          for (const frame of frames) {
            const message = JSON.parse(frame);
            const chat = draft.chats[message.chatId];
            if (chat.known[message.messageId] >= message.rev) continue;
            chat.known[message.messageId] = message.rev;
            const item = item_of(message);
            chat.items.splice(place_of(chat.items, item.seq), 0, item);
            if (!item.own) {
              chat.unread += 1;
              draft.totalUnread += 1;
            }
            chat.time = Math.max(chat.time, item.time);
          }
          draft.rows.sort((a, b) => newest_first(draft.chats[a], draft.chats[b]));
        }),
      );
    },
    view: () => shown_of(Object.values(store.getState().chats)),
    dispose() {},
  };
}

// ---- Godwit's core, compiled to WebAssembly, behind the worker's own host code: text in, view diffs out ----

const kClock = { nowMs: () => 1_000, wallMs: () => 1_760_000_000_000 };
const kFrameSeparator = '\u001E';

// The worker's TypeScript as it is.
async function worker_host() {
  const { build } = createRequire(join(kRoot, 'wasm-core/package.json'))('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(kRoot, 'wasm-core/src/core/abi.ts')],
    bundle: true, format: 'esm', target: 'es2022', write: false,
  });
  const { CoreAbi } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return CoreAbi;
}
let host; // one for all cores: its code is warm or cold like theirs

class Core {
  static async open(create_module) {
    host ??= await worker_host();
    const core = new Core();
    core.module = await create_module({ print: () => {}, printErr: () => {} });
    core.abi = new host(core.module, kClock);
    core.abi.init(1, 2);
    core.abi.storageUnavailable('insecure');
    core.command({ t: 'start', userId: kSelf, username: 'ana', displayName: 'Ana', deviceId: 'd', coreVersion: '1', term: 0 });
    core.abi.socketOpen();
    core.frames(
      JSON.stringify({
        type: 'welcome', userId: kSelf, sessionId: '1', epoch: 'e', serverTime: '2026-11-21T09:26:33.123Z',
        heartbeatMs: 25000, limits: {}, protocol: 1, coreVersion: '1',
      }),
    );
    return core;
  }

  command(command) {
    return taken(this.abi.command(command));
  }

  // The texts of the views alone; decoding them as JSON is the drawing side's work.
  frames(text) {
    return taken(this.abi.frame(text));
  }
}

function taken({ status, effects }) {
  if (status !== 0) throw new Error('the core refused an input');
  return effects;
}

const core_chat = (number) => ({
  chatId: chat_id(number), type: 'group', name: `Chat ${number}`, rev: 1, head: 1, unread: 0,
  createdAt: '2025-01-01T00:00:00.000Z', receipts: { delivered: {}, read: {} },
  members: ['11', '12', '13'].map((userId) => ({
    userId, username: `user${userId}`, displayName: `User ${userId}`, role: 'member', rev: 1, joinedSeq: 1,
  })),
});

export async function core_store(create_module) {
  const core = await Core.open(create_module);
  for (let number = 0; number < kChats; number += 1) core.command({ t: 'adopt', chat: core_chat(number) });
  core.command({ t: 'open', view: 1, kind: 'app' });
  core.command({ t: 'open', view: 2, kind: 'chats' });
  core.command({ t: 'open', view: 3, kind: 'conversation', chatId: kOpen });
  return {
    feed(frames) {
      core.frames(frames.join(kFrameSeparator));
    },
    // Read from views that are opened anew: what a tab that comes now would be shown.
    view() {
      const whole = (view, kind, chatId) => JSON.parse(core.command({ t: 'open', view, kind, chatId }).find((effect) => effect.kind === 'view').json);
      const rows = whole(10, 'chats').moves.map(([, , { chatId, unread }]) => ({ chatId, unread }));
      const newest = {};
      for (let number = 0; number < kChats; number += 1) {
        const items = whole(20 + number, 'conversation', chat_id(number)).splice[2];
        newest[chat_id(number)] = items.slice(-kShown).map(({ seq, text }) => ({ seq, text }));
      }
      return { rows, newest };
    },
    heap_bytes: () => core.module.HEAPU8.length,
    dispose() {},
  };
}
