/** Somebody at the admin API: nobody yet, or signed in. */
export interface Visitor {
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface Person extends Visitor {
  readonly cookie: string;
  readonly member: { id: string; organization_id: string; email: string; role: string; revision: number };
  /** The body of a GET that must work. */
  read<T>(path: string): Promise<T>;
}

export function visitor(url: string, cookie?: string): Visitor {
  return {
    call: (method, path, body, headers = {}) =>
      fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(cookie === undefined ? {} : { cookie }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
  };
}

/** Signs in with a password. */
export async function person(
  url: string,
  credentials: { email: string; password: string },
  headers: Record<string, string> = {},
): Promise<Person> {
  return signedIn(url, await visitor(url).call('POST', '/api/session', credentials, headers));
}

/** Whoever an answer has just signed in. */
export async function signedIn(url: string, reply: Response): Promise<Person> {
  if (reply.status !== 200) throw new Error(`nobody was signed in: ${reply.status} ${await reply.text()}`);
  const { member } = (await reply.json()) as Pick<Person, 'member'>;
  const cookie = cookieOf(reply, 'token');
  const { call } = visitor(url, cookie);
  return { cookie, member, call, read: (path) => readWith(call, path) };
}

/** `name=value`, as a browser would send it back. */
function cookieOf(reply: Response, name: string): string {
  const found = reply.headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`));
  return found?.split(';')[0] ?? '';
}

async function readWith<T>(call: Visitor['call'], path: string): Promise<T> {
  const reply = await call('GET', path);
  if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}
