import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';

/** Everything a server has written to its disk, as one text of bytes. */
export function filesUnder(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => read(join(parentPath, name)))
    .join('\n');
}

/** Servers tidy up while we read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Every row of every table of every schema. */
export async function dumpOf(postgres: string): Promise<string> {
  const database = new Client({ connectionString: postgres });
  await database.connect();
  try {
    const { rows: tables } = await database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    let dump = '';
    for (const { name } of tables) {
      const { rows } = await database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      dump += `${name}\n${rows.map(({ row }) => row).join('\n')}\n`;
    }
    return dump;
  } finally {
    await database.end();
  }
}

/** Every key of Redis with what it holds, of whatever type. */
export async function redisDump(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    const values = await Promise.all(keys.map((key) => contentOf(redis, key)));
    return keys.map((key, at) => `${key} ${JSON.stringify(values[at])}`).join('\n');
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return null;
  }
}

/** A secret is also there when it is encoded, and when only its middle is: the ends are shown to people. */
export function findings(place: string, text: string, secrets: ReadonlyMap<string, string>): string[] {
  return [...secrets].flatMap(([name, secret]) => {
    const middle = /^[a-z_]{2,16}[_-][0-9A-Za-z]{32,}$/.test(secret) ? secret.slice(-36, -4) : secret;
    const forms = [middle, Buffer.from(secret).toString('base64').slice(0, -4), encodeURIComponent(middle)];
    const found = forms.find((each) => text.includes(each));
    return found === undefined ? [] : [`${place}: ${name}, after ${excerpt(text, found)}`];
  });
}

function excerpt(text: string, form: string): string {
  const at = text.indexOf(form);
  return JSON.stringify(text.slice(Math.max(0, at - 120), at));
}
