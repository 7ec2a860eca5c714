/**
 * The core's storage in this browser: is there any, what it is called, and how it is wiped.
 * Databases are named by account: one for each mount, `godwit:<userId>/q` and so on.
 */
import type { Storage } from '../types';
import { MOUNTS, type LoadReport, type MountPath, type StorageOverride } from './module';

export type MemoryReason = NonNullable<Storage['reason']>;

export function databaseName(userId: string, mount: MountPath): string {
  return `godwit:${userId}${mount}`;
}

export interface Surroundings {
  readonly secure: boolean;
  readonly indexedDB: IDBFactory | undefined;
}

const PROBE_TIMEOUT_MS = 3_000;

/** One name for all probes: what one that died left is deleted by the next, and by signing out. */
const PROBE_DATABASE = 'godwit:probe';

/** Why nothing can be kept here, as far as that can be seen without trying. */
export function ruledOut(at: Surroundings): MemoryReason | undefined {
  if (!at.secure) return 'insecure';
  return at.indexedDB === undefined || at.indexedDB === null ? 'missing' : undefined;
}

/**
 * Whether IndexedDB really works here: opens, writes, reads back and deletes. Undefined when it does,
 * else why not. Never rejects, and ends within three seconds.
 */
export async function probeStorage(at: Surroundings, timeoutMs = PROBE_TIMEOUT_MS): Promise<MemoryReason | undefined> {
  const seen = ruledOut(at);
  const factory = at.indexedDB;
  if (seen !== undefined || factory === undefined) return seen;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'hung'>((resolve) => {
    timer = setTimeout(() => resolve('hung'), timeoutMs);
  });
  try {
    return await Promise.race([tryWriting(factory), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function tryWriting(factory: IDBFactory): Promise<MemoryReason | undefined> {
  let open: IDBOpenDBRequest;
  try {
    open = factory.open(PROBE_DATABASE, 1);
  } catch {
    return 'denied'; // a SecurityError: cookies and site data are blocked
  }
  open.onupgradeneeded = () => open.result.createObjectStore('probe');
  let database: IDBDatabase;
  try {
    database = await answer(open);
  } catch {
    return 'denied';
  }
  try {
    const transaction = database.transaction('probe', 'readwrite');
    const store = transaction.objectStore('probe');
    store.put('written', 'key');
    const read = await answer(store.get('key'));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    });
    return read === 'written' ? undefined : 'failed';
  } catch {
    return 'failed';
  } finally {
    database.close();
    factory.deleteDatabase(PROBE_DATABASE);
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('failed'));
  });
}

/** The mounts of one instance of the core, with promises for callbacks and the terms kept. */
export class CoreStorage {
  private readonly terms = new Map<MountPath, number>();
  private closed = false;

  /** `onGone`: what was stored for a mount was deleted under us, is another leader's, or cannot be read. */
  constructor(
    private readonly storage: StorageOverride,
    private readonly userId: string,
    onGone: () => void,
  ) {
    storage.onClosed = (mount) => {
      // A disk that failed for a moment closes connections, too: then all is still there.
      storage.checkFence(mount, this.term(mount), (error) => {
        if (error !== null && this.terms.has(mount)) onGone();
      });
    };
  }

  /** Mounts, takes the leadership of the mount's database, and loads it into MEMFS. */
  open(mount: MountPath): Promise<LoadReport> {
    this.attach(mount);
    return new Promise((resolve, reject) => {
      this.storage.open(mount, (error, report) => {
        if (this.closed) this.storage.close(mount);
        if (error !== null || report === undefined) return reject(error ?? new Error('no report'));
        if (!this.closed) this.terms.set(mount, report.term);
        resolve(report);
      });
    });
  }

  /**
   * The same for a mount that may hold much: `take` is called for each part, in which the latest comes
   * first, and returns false to stop. Rejects, with the rest unread, where it cannot be had.
   */
  async openInParts(mount: MountPath, take: (last: boolean) => boolean): Promise<LoadReport> {
    this.attach(mount);
    const term = await new Promise<number>((resolve, reject) => {
      this.storage.takeTerm(mount, (error, value) => (error ? reject(error) : resolve(value ?? 0)));
    });
    const taken = (last: boolean): boolean => {
      if (last && !this.closed) this.terms.set(mount, term); // what comes of it may be saved
      return !this.closed && take(last);
    };
    return new Promise((resolve, reject) => {
      this.storage.loadParts(mount, term, taken, (error, report) => {
        if (this.closed || error !== null) this.storage.close(mount);
        if (error !== null || report === undefined) reject(error ?? new Error('no report'));
        else resolve(report);
      });
    });
  }

  term(mount: MountPath): number {
    return this.terms.get(mount) ?? 0;
  }

  /** The contents are copied before this returns. Rejects with the reason by name, e.g. 'Fenced'. */
  persist(mount: MountPath, puts: readonly string[], deletes: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      // Term 0 is in no database: a mount that was never opened is refused, too.
      this.storage.persistBatch(mount, puts, deletes, this.term(mount), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  /** For good: what is still being opened is closed when it is open. */
  close(): void {
    this.closed = true;
    for (const mount of this.terms.keys()) this.storage.close(mount);
    this.terms.clear();
  }

  private attach(mount: MountPath): void {
    this.storage.attach(mount, databaseName(this.userId, mount), mount === '/q' ? 'strict' : 'relaxed');
  }
}

/**
 * Deletes everything kept for an account. Open connections are asked to close, and do. Resolves to
 * whether all of it is gone, within three seconds; never rejects.
 */
export async function wipeStorage(factory: IDBFactory | undefined, userId: string, timeoutMs = 3_000): Promise<boolean> {
  if (factory === undefined) return true;
  const deletions = [...MOUNTS.map((mount) => databaseName(userId, mount)), PROBE_DATABASE].map(
    (name) =>
      new Promise<boolean>((resolve) => {
        try {
          const request = factory.deleteDatabase(name);
          request.onsuccess = () => resolve(true);
          request.onerror = () => resolve(false);
        } catch {
          resolve(false); // blocked: whether anything is there cannot be seen
        }
      }),
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<readonly boolean[]>((resolve) => {
    timer = setTimeout(() => resolve([false]), timeoutMs);
  });
  const gone = await Promise.race([Promise.all(deletions), late]);
  clearTimeout(timer);
  return gone.every(Boolean);
}
