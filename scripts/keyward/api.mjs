import { readCredentials } from './credentials.mjs';
import { Failure } from './failure.mjs';
import { refusal } from './refusal.mjs';
import { whereIsIt } from './where.mjs';

const PATIENCE_MS = 15_000;

/**
 * The admin API, spoken to as whoever the credentials say. Nobody signs in before the first call needs it.
 * @param {{ url?: string }} values
 */
export function openApi(values) {
  const { url, dev } = whereIsIt(values);
  let credentials;
  const identify = () => (credentials ??= readCredentials({ url, dev, send: (...args) => send(url, ...args) }));

  return {
    url,
    dev,
    /** @param {string} method @param {string} path @param {{ body?: unknown, query?: object, headers?: object }} [more] */
    async call(method, path, { body, query = {}, headers = {} } = {}) {
      const who = await identify();
      const answer = await send(url, method, path + queryOf(query), { body, headers: { ...who.headers, ...headers } });
      if (!answer.ok) throw refusal(answer);
      return answer.body;
    },
    /** Without credentials, and whatever the answer is. */
    ask: (method, path, more) => send(url, method, path, more),
    identify,
    /** A session that was opened for this one command ends with it. */
    async close() {
      const who = await credentials?.catch(() => undefined);
      if (who?.passing) await send(url, 'DELETE', '/api/session', { headers: who.headers }).catch(() => {});
    },
  };
}

async function send(url, method, path, { body, headers = {} } = {}) {
  let reply;
  let text;
  try {
    reply = await fetch(url + path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      // Credentials go where they were meant to go, and nowhere that place points to.
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    text = await reply.text();
  } catch (error) {
    const why =
      error.name === 'TimeoutError' ? `no answer within ${PATIENCE_MS / 1000} s` : (error.cause?.code ?? error.message);
    throw new Failure('unreachable', `${url} cannot be reached (${why})`);
  }
  return {
    ok: reply.ok,
    status: reply.status,
    headers: reply.headers,
    requestId: reply.headers.get('x-request-id'),
    body: parsed(text),
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function queryOf(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : '';
}
