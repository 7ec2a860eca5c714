/**
 * Who is signed in here, as this browser remembers it, so that the app opens without a network. The
 * cookie itself is out of reach; this record only names the person and this device. It stands in
 * `localStorage`: read at once, and changes are told to the other tabs.
 */
import type { Person } from './types';
import { randomUuid } from './uuid';

export interface Account extends Person {
  /** Names this browser to the server; made once per account and browser. */
  readonly deviceId: string;
}

const KEY = 'godwit.account';
const deviceKey = (userId: string): string => `godwit.device.${userId}`;

export function isUserId(text: string): boolean {
  return /^[1-9][0-9]{0,18}$/.test(text);
}

export class AccountRecord {
  /** Without storage (blocked, or none) the record lives as long as the page. */
  private memory: Account | undefined;

  constructor(private readonly storage: Storage | undefined) {}

  read(): Account | undefined {
    return this.get(KEY) === null ? this.memory : this.stored();
  }

  /** Whom the browser's storage names, whatever this page remembers beside it. */
  stored(): Account | undefined {
    try {
      return asAccount(JSON.parse(this.get(KEY) ?? 'null'));
    } catch {
      return undefined;
    }
  }

  /** Remembers a person who is signed in, and returns the account with this device's id. */
  write(person: Person): Account {
    const deviceId = this.get(deviceKey(person.userId)) ?? this.memory?.deviceId ?? randomUuid();
    const account: Account = {
      userId: person.userId,
      username: person.username,
      displayName: person.displayName,
      deviceId,
    };
    this.memory = account;
    this.set(deviceKey(person.userId), deviceId);
    this.set(KEY, JSON.stringify(account));
    return account;
  }

  /** Drops what this page alone remembers; what stands in storage stays. */
  forget(): void {
    this.memory = undefined;
  }

  /** Forgets whoever is signed in, as signing out demands. */
  remove(): void {
    const account = this.read();
    this.memory = undefined;
    this.drop(KEY);
    if (account) this.drop(deviceKey(account.userId));
  }

  /** Forgets this one person, whoever is signed in. */
  removePerson(userId: string): void {
    if (this.read()?.userId === userId) this.remove();
    else this.drop(deviceKey(userId));
  }

  private drop(key: string): void {
    try {
      this.storage?.removeItem(key);
    } catch {
      // Blocked storage holds nothing to remove.
    }
  }

  /** Tells of changes made by other tabs: an account, or undefined when it was removed. */
  onChange(listener: (account: Account | undefined) => void): () => void {
    const heard = (event: StorageEvent): void => {
      if (event.storageArea === this.storage && (event.key === KEY || event.key === null)) {
        this.memory = undefined;
        listener(this.read());
      }
    };
    window.addEventListener('storage', heard);
    return () => window.removeEventListener('storage', heard);
  }

  private get(key: string): string | null {
    try {
      return this.storage?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  private set(key: string, value: string): void {
    try {
      this.storage?.setItem(key, value);
    } catch {
      // Full or blocked: `memory` has it.
    }
  }
}

function asAccount(value: unknown): Account | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { userId, username, displayName, deviceId } = value as Record<string, unknown>;
  if (typeof userId !== 'string' || !isUserId(userId)) return undefined;
  if (typeof username !== 'string' || typeof displayName !== 'string' || typeof deviceId !== 'string') return undefined;
  return { userId, username, displayName, deviceId };
}
