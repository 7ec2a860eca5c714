/* What stands in the databases of this origin, read and harmed without any of the client's code. */

const opened = (name) => new Promise((resolve, reject) => {
  const request = indexedDB.open(name);
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const ended = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = resolve;
  transaction.onabort = () => reject(transaction.error);
});

async function named(mount) {
  const all = await indexedDB.databases();
  return all.map(({ name }) => name).find((name) => name.startsWith('godwit:') && name.endsWith(mount));
}

/** The records of a mount (`/q`, `/h`, `/c`): [[path, contents as an array of numbers]]; without the fence. */
window.records = async (mount) => {
  const database = await opened(await named(mount));
  const transaction = database.transaction('FILE_DATA');
  const store = transaction.objectStore('FILE_DATA');
  const keys = store.getAllKeys();
  const values = store.getAll();
  await ended(transaction);
  database.close();
  return keys.result.flatMap((key, i) => (key === '\0term' ? [] : [[key, [...(values.result[i].contents ?? [])]]]));
};

/** Replaces records of a mount: {path: contents as numbers, or null: deleted, or any other value: stored as it is}. */
window.harm = async (mount, changes) => {
  const database = await opened(await named(mount));
  const transaction = database.transaction('FILE_DATA', 'readwrite');
  const store = transaction.objectStore('FILE_DATA');
  for (const [path, value] of Object.entries(changes)) {
    if (value === null) store.delete(path);
    else if (!Array.isArray(value)) store.put(value, path);
    else {
      const old = store.get(path);
      old.onsuccess = () => store.put({ ...old.result, contents: Uint8Array.from(value) }, path);
    }
  }
  await ended(transaction);
  database.close();
};
