import { Failure } from './failure.mjs';
import { refusal } from './refusal.mjs';
import { readSession } from './sessions-file.mjs';

/**
 * Who is asking: an API key, an e-mail with its password, the session of `keyward login`, or the owner of the Keyward
 * that runs here, whichever there is first. `passing` sessions were opened for one command.
 * @returns {Promise<{ kind: string, headers: Record<string, string>, isKey?: boolean, passing?: boolean }>}
 */
export async function readCredentials({ url, dev, send }) {
  const { KEYWARD_API_KEY: key, KEYWARD_EMAIL: email, KEYWARD_PASSWORD: password } = process.env;
  if (key) return { kind: 'API key', isKey: true, headers: { authorization: `Bearer ${key}` } };
  if (email && password) return { kind: 'e-mail and password', ...(await passing(send, { email, password })) };
  if (email || password) throw new Failure('usage', 'KEYWARD_EMAIL and KEYWARD_PASSWORD are needed together');
  const session = readSession(url);
  if (session) return { kind: 'session of keyward login', headers: { cookie: `token=${session.token}` } };
  if (dev?.owner) return { kind: 'owner of npm start', ...(await passing(send, dev.owner)) };
  throw new Failure('usage', 'no credentials: use keyward login, or set KEYWARD_API_KEY');
}

/** Signs in; the token is the cookie's. */
export async function signIn(send, { email, password }) {
  const answer = await send('POST', '/api/session', { body: { email, password } });
  if (!answer.ok) throw refusal(answer);
  const token = answer.headers
    .getSetCookie()
    .map((line) => /^token=([^;]+)/.exec(line)?.[1])
    .find(Boolean);
  if (!token) throw new Failure('refused', 'the answer to signing in holds no session');
  return { token, member: answer.body.member, expires_at: answer.body.expires_at };
}

async function passing(send, owner) {
  const { token } = await signIn(send, owner);
  return { headers: { cookie: `token=${token}` }, passing: true };
}
