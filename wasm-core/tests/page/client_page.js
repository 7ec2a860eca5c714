/* The page of the client's tests: a stranger's interface, which has nothing but the package. */
import { createClient } from './index.js';

const reports = [];
// What is shown shall come from the core, unless the last picture is what a test is about.
const keepPicture = location.search === '?picture';
const client = createClient({ onReport: (json) => reports.push(json), keepPicture });
const open = new Map();

window.godwit = client;
window.reports = reports;

/** Every status that any item of an opened chat has ever been shown with. */
window.statusesSeen = [];
const note = (conversation) => {
  for (const { status } of conversation.get()?.items ?? []) {
    if (!window.statusesSeen.includes(status)) window.statusesSeen.push(status);
  }
};

/** The items of a chat as [text, status], oldest first; opened on first use. */
window.items = (chatId) => {
  if (!open.has(chatId)) {
    const opened = client.open(chatId);
    open.set(chatId, opened);
    opened.subscribe(() => note(opened));
  }
  const conversation = open.get(chatId).get();
  return (conversation?.items ?? []).filter((item) => !item.system).map((item) => [item.text, item.status]);
};

/** The end of what a chat shows, cut short. */
const told = (chatId) => window.items(chatId).slice(-20).map(([text, status]) => [text?.slice(0, 40), status]);

/** Resolves once `holds()` is true; where it never is (no measure of speed), rejects with what stands instead. */
window.until = (holds, limitMs = 180_000) => new Promise((resolve, reject) => {
  const timer = setInterval(() => {
    let value;
    try { value = holds(); } catch (error) { value = undefined; }
    if (value) { clearInterval(timer); resolve(value); }
  }, 10);
  setTimeout(() => {
    clearInterval(timer);
    reject(new Error(`never: ${holds} app=${JSON.stringify(client.app.get())} ` +
      `chats=${JSON.stringify([...open.keys()].map(told))} reports=${reports.slice(-5)}`));
  }, limitMs);
});
window.ready = true;
