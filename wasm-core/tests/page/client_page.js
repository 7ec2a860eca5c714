/* The page of the client's tests: a stranger's interface, which has nothing but the package. */
import { createClient } from './index.js';

const reports = [];
const client = createClient({ onReport: (json) => reports.push(json) });
const open = new Map();

window.godwit = client;
window.reports = reports;

/** The items of a chat as [text, status], oldest first; opened on first use. */
window.items = (chatId) => {
  if (!open.has(chatId)) open.set(chatId, client.open(chatId));
  const conversation = open.get(chatId).get();
  return (conversation?.items ?? []).filter((item) => !item.system).map((item) => [item.text, item.status]);
};

/** Resolves once `holds(app, chats)` is true; rejects with what stands instead. */
window.until = (holds, limitMs = 20_000) => new Promise((resolve, reject) => {
  const timer = setInterval(() => {
    let value;
    try { value = holds(); } catch (error) { value = undefined; }
    if (value) { clearInterval(timer); resolve(value); }
  }, 10);
  setTimeout(() => {
    clearInterval(timer);
    reject(new Error(`never: ${holds} app=${JSON.stringify(client.app.get())} ` +
      `chats=${JSON.stringify([...open.keys()].map(window.items))} reports=${reports.slice(-5)}`));
  }, limitMs);
});
window.ready = true;
