import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson } from '../services/processes.mjs';

const READY_LIMIT_MS = 60_000;

/** @param {string} url @param {() => Error | undefined} failure why it will never be, where that is known */
export async function untilReady(url, failure) {
  let last = 'no answer';
  for (const deadline = Date.now() + READY_LIMIT_MS; Date.now() < deadline; await sleep(50)) {
    const why = failure();
    if (why) throw why;
    try {
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) });
      if (answer.ok) return;
      last = `${answer.status} ${(await answer.text()).slice(0, 300)}`;
    } catch {
      // Not listening yet.
    }
  }
  throw new Error(`Keyward was not ready within ${READY_LIMIT_MS / 1000} s (${last}).`);
}

/**
 * A key that works: the one of last time, or a new one, made as anybody would make it over the API.
 * @param {{ home: string, url: string, owner: { email?: string, password?: string } }} given
 * @returns {Promise<{ key: string | undefined, note?: string }>}
 */
export async function firstKey({ home, url, owner }) {
  /** @type {string | undefined} */
  const before = readJson(join(home, 'dev.json'))?.api_key;
  if (before && (await works(url, before))) return { key: before };

  const post = (path, body, headers = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url, ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
  const session = await post('/api/session', owner);
  if (session.status === 401) {
    return { key: before, note: 'The owner has another password by now, so the API key is the one of last time.' };
  }
  if (!session.ok) throw await unexpected('signing in', session);
  const cookie = session.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .find((pair) => pair.startsWith('token='));
  const make = (name) => post('/api/api-keys', { name }, { cookie: cookie ?? '' });
  let made = await make('first key');
  // There is one of that name, but its secret is lost or it is switched off: this is another.
  if (made.status === 409) made = await make(`first key, ${new Date().toISOString()}`);
  if (!made.ok) throw await unexpected('making a first API key', made);
  return { key: (await made.json()).key };
}

/** @param {string} home @param {object} facts */
export function writeDevFile(home, facts) {
  const file = join(home, 'dev.json');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** @param {string} url @param {string} key */
async function works(url, key) {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${url}/v1/models`, { headers, signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  return answer.status === 200;
}

/** @param {string} doing @param {Response} answer */
async function unexpected(doing, answer) {
  return new Error(
    `Keyward is up, but ${doing} was answered with ${answer.status}: ${(await answer.text()).slice(0, 300)}`,
  );
}
