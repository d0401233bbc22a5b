import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The sessions of `keyward login`, one for each Keyward: nobody but their owner may read them. */
const file = () => join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'keyward', 'sessions.json');

/** @param {string} url @returns {{ token: string, email: string, expires_at: string } | undefined} */
export function readSession(url) {
  const session = readAll()[new URL(url).origin];
  return session && Date.parse(session.expires_at) > Date.now() ? session : undefined;
}

/** @param {string} url @param {{ token: string, email: string, expires_at: string } | undefined} session */
export function keepSession(url, session) {
  const { [new URL(url).origin]: _, ...others } = readAll();
  const all = session ? { ...others, [new URL(url).origin]: session } : others;
  if (Object.keys(all).length === 0) return rmSync(file(), { force: true });
  mkdirSync(dirname(file()), { recursive: true, mode: 0o700 });
  const draft = `${file()}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(draft, file());
}

function readAll() {
  try {
    return JSON.parse(readFileSync(file(), 'utf8'));
  } catch {
    return {};
  }
}
