import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Which Keyward is meant, and what `npm start` has written down of the one it runs. Its owner's password is for that one
 * alone: it is never sent to another URL.
 * @param {{ url?: string }} values
 */
export function whereIsIt({ url: named }) {
  const dev = readDevFile();
  const text = named ?? (process.env.KEYWARD_URL || dev?.url);
  if (!text)
    throw new Failure('usage', 'name the Keyward you mean with --url or KEYWARD_URL, or start one here with npm start');
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Failure('usage', 'the URL must be like https://keyward.example.com');
  const { username, password, origin, pathname } = new URL(text);
  if (username || password) throw new Failure('usage', 'credentials do not belong into the URL');
  const url = origin + pathname.replace(/\/+$/, '');
  return { url, dev: dev && sameOrigin(dev.url, url) ? dev : undefined };
}

function readDevFile() {
  try {
    return JSON.parse(
      readFileSync(join(resolve(process.env.KEYWARD_DATA_DIR || join(ROOT, '.keyward')), 'dev.json'), 'utf8'),
    );
  } catch {
    return undefined;
  }
}

const sameOrigin = (a, b) => URL.canParse(a) && new URL(a).origin === new URL(b).origin;
