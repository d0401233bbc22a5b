import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { agrees, installReason } from '../scripts/bootstrap.mjs';
import { type Services, startServices } from '../scripts/services.mjs';

// Plain JavaScript with no declarations of its own; only the two modules above are typed for others to use.
const inside = (path: string) => import(`../scripts/${path}.mjs`);
const [{ findServers }, { waitForExternal }, { choosePorts, isFree }] = await Promise.all(
  ['services/binaries', 'services/external', 'services/ports'].map(inside),
);
const [{ postgres }, { nats }, { redis }] = await Promise.all(
  ['services/postgres', 'services/nats', 'services/redis'].map(inside),
);
const { environment } = await inside('start/environment');

const LIMIT = 60_000;
/** Our own servers, whatever the caller of the tests has set. */
const OURS = { ...process.env, KEYWARD_POSTGRES_URL: '', KEYWARD_NATS_URL: '', KEYWARD_REDIS_URL: '' };

let home: string;
let services: Services | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'keyward-launcher-'));
});
afterEach(async () => {
  await services?.stop();
  services = undefined;
  rmSync(home, { recursive: true, force: true });
});

describe('the servers of a newcomer', () => {
  it(
    'come back on the same port with the same data after a clean restart and after a kill',
    async () => {
      services = await startServices({ dataDir: home, env: OURS });
      await remember(services, 'a');
      const before = urls(services);

      for (const service of [services.postgres, services.redis, services.nats]) await service.restart();
      expect(urls(services)).toEqual(before);
      expect(await recall(services)).toEqual(['a', 'a']);

      await services.postgres.kill();
      expect(services.postgres.pid).toBeUndefined();
      await services.postgres.restart();
      expect(await recall(services)).toEqual(['a', 'a']);

      await services.stop();
      services = await startServices({ dataDir: home, env: OURS });
      expect(urls(services)).toEqual(before);
      expect(await recall(services)).toEqual(['a', 'a']);
    },
    LIMIT,
  );

  it(
    'hold still while frozen, and go on when thawed',
    async () => {
      services = await startServices({ dataDir: home, env: OURS });
      const client = new pg.Client({ connectionString: services.postgres.url });
      await client.connect();
      services.postgres.freeze();
      let answered = false;
      const answer = client.query('SELECT 1').then(() => (answered = true));
      await new Promise((done) => setTimeout(done, 300));
      expect(answered).toBe(false);
      services.postgres.thaw();
      await answer;
      await client.end();
    },
    LIMIT,
  );

  it(
    'keep jest workers apart: an account of NATS each',
    async () => {
      services = await startServices({ dataDir: home, env: OURS, nats: { accounts: 2 } });
      const { connect } = await import('@nats-io/transport-node');
      const [one, two] = await Promise.all(
        ['w1', 'w2'].map((name) => connect({ servers: services?.nats.url, user: name, pass: name })),
      );
      const heard: string[] = [];
      two?.subscribe('news', { callback: (_, message) => void heard.push(message.string()) });
      await two?.flush();
      one?.publish('news', 'from one');
      two?.publish('news', 'from two');
      await Promise.all([one?.flush(), two?.flush()]);
      expect(heard).toEqual(['from two']);
      await expect(connect({ servers: services.nats.url, maxReconnectAttempts: 0 })).rejects.toThrow();
      await Promise.all([one?.close(), two?.close()]);
    },
    LIMIT,
  );

  it(
    'are taken over from a launcher that was killed',
    async () => {
      const launcher = await launchElsewhere(home);
      const orphans = Object.fromEntries(
        ['postgres', 'nats', 'redis'].map((name) => [
          name,
          JSON.parse(readFileSync(join(home, 'run', `${name}.json`), 'utf8')).pid,
        ]),
      );
      launcher.kill('SIGKILL');
      const said: string[] = [];
      services = await startServices({ dataDir: home, env: OURS, report: (line) => said.push(line) });
      for (const [name, pid] of Object.entries(orphans)) {
        expect(said).toContain(`stopping ${name} (pid ${pid}), left behind by an earlier start`);
      }
      const now = [services.postgres, services.nats, services.redis].map((service) => service.pid);
      expect(now).not.toEqual(Object.values(orphans));
    },
    LIMIT,
  );

  it(
    'move to another port when a stranger has taken theirs',
    async () => {
      const { redis: port = 0 } = await choosePorts(home, ['redis']);
      const stranger = createServer().listen(port, '127.0.0.1');
      await new Promise((done) => stranger.once('listening', done));
      expect(await isFree(port)).toBe(false);
      services = await startServices({ dataDir: home, env: OURS });
      expect(services.redis.url).not.toContain(`:${port}`);
      stranger.close();
    },
    LIMIT,
  );
});

describe('servers of your own', () => {
  it(
    'are used as they are and never stopped',
    async () => {
      services = await startServices({ dataDir: home, env: OURS });
      const env = {
        KEYWARD_POSTGRES_URL: services.postgres.url,
        KEYWARD_NATS_URL: services.nats.url,
        KEYWARD_REDIS_URL: services.redis.url,
      };
      const other = await startServices({ dataDir: join(home, 'other'), env });
      expect(urls(other)).toEqual(urls(services));
      expect(other.redis.external).toBe(true);
      await expect(other.redis.kill()).rejects.toThrow('Redis is external (KEYWARD_REDIS_URL)');
      await other.stop();
      await remember(services, 'still there');
    },
    LIMIT,
  );

  it('are named in one sentence, without their password, when nobody answers', async () => {
    const port = (await choosePorts(home, ['nobody'])).nobody;
    const failures = await Promise.all(
      [postgres, nats, redis].map((kind) =>
        waitForExternal(kind, `${kind.name}://me:hunter2@127.0.0.1:${port}`, 500).catch(
          (error: Error) => error.message,
        ),
      ),
    );
    expect(failures).toEqual([
      expect.stringMatching(
        /^Postgres at 127\.0\.0\.1:\d+, named by KEYWARD_POSTGRES_URL, cannot be used: .*ECONNREFUSED.*\.$/,
      ),
      expect.stringMatching(
        /^NATS at 127\.0\.0\.1:\d+, named by KEYWARD_NATS_URL, cannot be used: .*ECONNREFUSED.*\.$/,
      ),
      expect.stringMatching(
        /^Redis at 127\.0\.0\.1:\d+, named by KEYWARD_REDIS_URL, cannot be used: .*ECONNREFUSED.*\.$/,
      ),
    ]);
    expect(failures.join()).not.toContain('hunter2');
  });
});

describe('KEYWARD_PORT', () => {
  it.each(['abc', '-1', '65536', '80.5'])('is refused in one sentence where it is %s', async (port) => {
    const servers = { postgres: { url: '' }, nats: { url: '' }, redis: { url: '' } };
    await expect(environment(home, servers, { KEYWARD_PORT: port })).rejects.toThrow(
      `KEYWARD_PORT=${port} is not a port.`,
    );
  });
});

describe('a machine that has no servers', () => {
  it('is told in one sentence what to do', async () => {
    const nowhere = { places: [], tools: join(home, 'tools') };
    const search = findServers(['nats-server', 'redis-server'], { PATH: '' }, () => {}, nowhere);
    const failure = await search.catch((error: Error) => error.message);
    expect(failure).toContain('Keyward found no nats-server and no redis-server here');
    for (const way of [
      'KEYWARD_POSTGRES_URL',
      'KEYWARD_NATS_URL',
      'KEYWARD_REDIS_URL',
      'brew install nats-server redis',
      'docker compose -f docker-compose.dev.yml up -d',
    ]) {
      expect(failure).toContain(way);
    }
    expect(existsSync(nowhere.tools)).toBe(false);
  });

  it('may have them anywhere on its PATH', async () => {
    symlinkSync(process.execPath, join(home, 'redis-server'));
    const found = await findServers(['redis-server'], { PATH: home }, () => {}, {
      places: [],
      tools: join(home, 'tools'),
    });
    expect(found['redis-server']?.command).toBe(join(home, 'redis-server'));
  });
});

describe('the install before everything', () => {
  const current = { wanted: 'abc', stamped: 'abc', bringsNode: true, nodeVersion: '20.20.2' };
  it.each([
    ['leaves a current tree alone', current, undefined],
    ['installs a fresh clone', { ...current, stamped: undefined }, 'nothing is installed yet'],
    ['installs after the lock file has changed', { ...current, wanted: 'abd' }, 'package-lock.json has changed'],
    ['notices that its Node is gone', { ...current, bringsNode: false }, 'node_modules has lost its Node'],
    [
      'is content with a system Node that is new enough',
      { ...current, bringsNode: false, nodeVersion: '24.11.0' },
      undefined,
    ],
    [
      'is not content with one a little older',
      { ...current, bringsNode: false, nodeVersion: '24.9.1' },
      'node_modules has lost its Node',
    ],
  ])('%s', (_, facts, reason) => {
    expect(installReason(facts)).toBe(reason);
  });

  it('accepts what `npm ci` installed by hand, and nothing else', () => {
    const lock = { packages: { '': {}, a: { version: '1.0.0' }, 'for-a-mac': { version: '2.0.0', optional: true } } };
    expect(agrees(lock, { packages: { a: { version: '1.0.0' } } })).toBe(true);
    expect(agrees(lock, { packages: { a: { version: '1.0.1' } } })).toBe(false);
    expect(agrees(lock, { packages: { a: { version: '1.0.0' }, 'for-a-mac': { version: '1.9.0' } } })).toBe(false);
    expect(agrees(lock, { packages: {} })).toBe(false);
  });
});

const urls = ({ postgres, nats, redis }: Services) => [postgres.url, nats.url, redis.url];

async function remember(at: Services, word: string) {
  await withClients(at, async (postgres, redis) => {
    await postgres.query('CREATE TABLE IF NOT EXISTS words (word text)');
    await postgres.query('INSERT INTO words VALUES ($1)', [word]);
    await redis.set('word', word);
  });
}

function recall(at: Services) {
  return withClients(at, async (postgres, redis) => [
    (await postgres.query('SELECT word FROM words')).rows[0].word,
    await redis.get('word'),
  ]);
}

async function withClients<T>(at: Services, use: (postgres: pg.Client, redis: Redis) => Promise<T>): Promise<T> {
  const postgres = new pg.Client({ connectionString: at.postgres.url });
  const redis = new Redis(at.redis.url);
  await postgres.connect();
  try {
    return await use(postgres, redis);
  } finally {
    await postgres.end();
    redis.disconnect();
  }
}

/** A launcher in a process of its own, so that it can be killed as a crash or an impatient user would. */
function launchElsewhere(dataDir: string): Promise<ChildProcess> {
  const services = pathToFileURL(join(process.cwd(), 'scripts', 'services.mjs')).href;
  const code = `import { startServices } from ${JSON.stringify(services)};
    await startServices({ dataDir: ${JSON.stringify(dataDir)} }); console.log('up'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: OURS,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve(child));
    child.once('exit', () => reject(new Error('the launcher did not start')));
  });
}
