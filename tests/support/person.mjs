// A person by REST: an account, its session cookie, and the calls that tests make.

/** An answer that is not what was asked for. `code` is the protocol's. */
export class RestError extends Error {
  constructor(what, status, problem) {
    super(`${what}: ${status} ${JSON.stringify(problem)}`);
    this.status = status;
    this.code = problem?.code;
  }
}

export class Person {
  constructor(origin, user, cookie, password) {
    Object.assign(this, { origin, cookie, password, ...user });
  }

  static async register(origin, username, displayName, password = `${username}-pass-phrase`) {
    const answer = await call(origin, 'POST', '/auth/register', { username, displayName, password });
    return new Person(origin, answer.body.user, answer.cookie, password);
  }

  static async login(origin, username, password) {
    const answer = await call(origin, 'POST', '/auth/login', { username, password });
    return new Person(origin, answer.body.user, answer.cookie, password);
  }

  /** The body of the answer; throws a RestError unless the status is a 2xx. */
  async call(method, path, body) {
    return (await call(this.origin, method, path, body, this.cookie)).body;
  }

  /** All messages of a chat, oldest first, page by page. */
  async history(chatId) {
    const messages = [];
    let after = 0;
    for (;;) {
      const page = await this.call('GET', `/chats/${chatId}/messages?after=${after}&limit=100`);
      messages.push(...page.messages);
      if (!page.hasAfter) return messages;
      if (!(page.to > after)) throw new Error(`a page after ${after} ends at ${page.to}`);
      after = page.to;
    }
  }
}

async function call(origin, method, path, body, cookie) {
  const response = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers: {
      origin,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookie ? { cookie } : {}),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const parsed = text === '' ? undefined : JSON.parse(text);
  if (!response.ok) throw new RestError(`${method} ${path}`, response.status, parsed);
  return { body: parsed, cookie: response.headers.getSetCookie()[0]?.split(';')[0] };
}
