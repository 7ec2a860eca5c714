/**
 * Accounts and the making of chats: what needs the network now and is not queued. Each call rejects
 * with a GodwitError, whose code is the wire's, or `offline` where no answer could be had.
 */
import type { GodwitError, Person, SessionInfo } from './types';

const TIMEOUT_MS = 30_000;

class RestError extends Error implements GodwitError {
  constructor(
    readonly code: string,
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
    this.name = 'GodwitError';
  }
}

export function isGodwitError(error: unknown): error is GodwitError {
  return error instanceof RestError;
}

export class Rest {
  private readonly base: string;

  constructor(origin: string) {
    this.base = `${origin}/api/v1`;
  }

  /** Who is signed in, by the cookie. */
  async me(): Promise<Person> {
    return asPerson(unwrap(await this.call('GET', '/users/me'), 'user'));
  }
  async register(input: { username: string; displayName: string; password: string; invite?: string }): Promise<Person> {
    return asPerson(unwrap(await this.call('POST', '/auth/register', input), 'user'));
  }
  async login(input: { username: string; password: string }): Promise<Person> {
    return asPerson(unwrap(await this.call('POST', '/auth/login', input), 'user'));
  }
  async logout(): Promise<void> {
    await this.call('POST', '/auth/logout', {});
  }
  async updateProfile(input: { displayName: string }): Promise<Person> {
    return asPerson(unwrap(await this.call('PUT', '/users/me', input), 'user'));
  }
  async changePassword(input: { oldPassword: string; newPassword: string }): Promise<void> {
    await this.call('POST', '/auth/password', input);
  }
  async sessions(): Promise<readonly SessionInfo[]> {
    return asArray(unwrap(await this.call('GET', '/auth/sessions'), 'sessions')).map(asSession);
  }
  async endSession(sessionId: string): Promise<void> {
    await this.call('DELETE', `/auth/sessions/${encodeURIComponent(sessionId)}`);
  }
  async searchPeople(query: string): Promise<readonly Person[]> {
    return asArray(unwrap(await this.call('GET', `/users?q=${encodeURIComponent(query)}`), 'users')).map(asPerson);
  }
  /** The chat's state, for the core to adopt. */
  async createChat(input: { participantIds: readonly string[]; groupName?: string }): Promise<Record<string, unknown>> {
    return asRecord(unwrap(await this.call('POST', '/chats', input), 'chat'));
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.base + path, {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch {
      throw new RestError('offline', 'no answer from the server');
    }
    const value = parseJson(text);
    if (response.ok) return value;
    throw errorOf(response, value);
  }
}

function errorOf(response: Response, value: unknown): RestError {
  const problem = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { code, detail, title, retryAfterMs } = problem;
  const wait = Number(response.headers.get('retry-after')) * 1000;
  return new RestError(
    typeof code === 'string' ? code : response.status === 401 ? 'unauthenticated' : 'unavailable',
    typeof detail === 'string' ? detail : typeof title === 'string' ? title : `status ${response.status}`,
    typeof retryAfterMs === 'number' ? retryAfterMs : wait > 0 ? wait : undefined,
  );
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Answers name what they hold (`{"user":{…}}`); one that is the thing itself is taken as well. */
function unwrap(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return (value as Record<string, unknown>)[name] ?? value;
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new RestError('unavailable', 'the answer is not what was asked for');
}

function asArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new RestError('unavailable', 'the answer is not a list');
}

function asPerson(value: unknown): Person {
  const { userId, username, displayName } = asRecord(value);
  if (typeof userId !== 'string' || typeof username !== 'string') {
    throw new RestError('unavailable', 'the answer names nobody');
  }
  return { userId, username, displayName: typeof displayName === 'string' ? displayName : username };
}

function asSession(value: unknown): SessionInfo {
  const { sessionId, client, createdAt, lastSeen, current } = asRecord(value);
  return {
    sessionId: String(sessionId),
    client: typeof client === 'string' ? client : '',
    createdAt: asTime(createdAt),
    lastSeenAt: asTime(lastSeen),
    current: current === true,
  };
}

function asTime(value: unknown): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : 0;
}
