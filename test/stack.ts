import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { connectBus } from '#rpc/connect';
import type { Running } from '#runtime/run';
import { start as startEcho } from '../apps/echo/src/main.js';
import { start as startGateway } from '../apps/gateway/src/main.js';
import { start as startKeys } from '../apps/keys/src/main.js';
import { start as startPolicy } from '../apps/policy/src/main.js';
import { start as startUsage } from '../apps/usage/src/main.js';
import { testBus } from './bus.js';
import { eventually } from './eventually.js';

export { eventually };

/** Names are unique in a project. */
let keysMade = 0;

const OWNER = { email: 'owner@keyward.test', password: 'correct-horse-battery' };

export interface Servers {
  readonly postgres: string;
  readonly nats: string;
  readonly redis: string;
}

export interface Stack {
  readonly env: NodeJS.ProcessEnv;
  readonly servers: Servers;
  readonly url: string;
  readonly echo: Running;
  readonly apps: { gateway: Running; keys: Running; policy: Running; usage: Running };
  readonly admin: Admin;
  /** Another replica of the gateway, over the same services. */
  startGateway(env?: NodeJS.ProcessEnv): Promise<Running>;
  /** Another replica of the usage service. */
  startUsage(): Promise<Running>;
  stop(): Promise<void>;
}

/** The owner's hands on the admin API. */
interface Admin {
  readonly cookie: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  createKey(fields?: Record<string, unknown>): Promise<{ id: string; key: string }>;
}

type App = 'gateway' | 'keys' | 'policy' | 'usage';

interface StackOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly servers?: Servers;
  /** Where each app has a user of its own on the bus. */
  readonly natsOf?: (app: App) => string;
}

/** The whole house for one suite: four apps and the echo, in this process, on real and empty servers. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const servers = options.servers ?? (await emptyServers());
  const spool = mkdtempSync(join(tmpdir(), 'keyward-spool-'));
  const echo = await startEcho({ KEYWARD_ECHO_PORT: '0', KEYWARD_ECHO_PACE_MILLISECONDS: '1' });
  const env: NodeJS.ProcessEnv = {
    KEYWARD_POSTGRES_URL: servers.postgres,
    KEYWARD_NATS_URL: servers.nats,
    KEYWARD_REDIS_URL: servers.redis,
    KEYWARD_SECRET: 'a secret for tests, of more than 32 letters',
    KEYWARD_OWNER_EMAIL: OWNER.email,
    KEYWARD_OWNER_PASSWORD: OWNER.password,
    KEYWARD_ECHO_URL: echo.url ?? '',
    KEYWARD_OPS_PORT: '0',
    KEYWARD_PORT: '0',
    KEYWARD_LOG_LEVEL: 'fatal',
    KEYWARD_SPOOL_DIR: spool,
    ...options.env,
  };
  const natsFor = (app: App) => ({ KEYWARD_NATS_URL: options.natsOf?.(app) ?? servers.nats });
  const gatewayEnv = { ...env, KEYWARD_OPS_PORT: '', ...natsFor('gateway') };
  // All at once and in no order, as a cluster does it.
  const [keys, policy, usage, gateway] = await Promise.all([
    startKeys({ ...env, ...natsFor('keys') }),
    startPolicy({ ...env, ...natsFor('policy') }),
    startUsage({ ...env, ...natsFor('usage') }),
    startGateway(gatewayEnv),
  ]);
  const url = gateway.url as string;
  const replicas: Running[] = [];
  const services: Running[] = [];
  return {
    env,
    servers,
    url,
    echo,
    apps: { gateway, keys, policy, usage },
    admin: await signIn(url),
    startGateway: async (more = {}) => {
      const replica = await startGateway({ ...gatewayEnv, ...more });
      replicas.push(replica);
      return replica;
    },
    startUsage: async () => {
      const replica = await startUsage({ ...env, ...natsFor('usage') });
      services.push(replica);
      return replica;
    },
    stop: async () => {
      await Promise.all([...replicas, gateway].map((app) => app.stop()));
      await Promise.all([keys, policy, usage, ...services].map((app) => app.stop()));
      await echo.stop();
      rmSync(spool, { recursive: true, force: true });
    },
  };
}

async function signIn(url: string): Promise<Admin> {
  const attempt = () =>
    fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(OWNER),
    });
  // What has just started on a busy machine may have to be asked twice, as anybody would.
  const reply = await eventually(attempt, ({ status }) => status !== 503, 20_000);
  if (reply.status !== 200) throw new Error(`the owner cannot sign in: ${reply.status} ${await reply.text()}`);
  const cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const call: Admin['call'] = (method, path, body, headers = {}) =>
    fetch(url + path, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  return {
    cookie,
    call,
    createKey: async (fields = {}) => {
      const reply = await call('POST', '/api/api-keys', { name: `test ${++keysMade}`, ...fields });
      if (reply.status !== 201) throw new Error(`no key: ${reply.status} ${await reply.text()}`);
      return (await reply.json()) as { id: string; key: string };
    },
  };
}

/** This worker's own part of the test servers: a database, a NATS account and a Redis database, all of them empty. */
export async function emptyServers(): Promise<Servers> {
  const worker = Number(process.env.JEST_WORKER_ID ?? 1);
  const { KEYWARD_TEST_POSTGRES_URL: postgresUrl, KEYWARD_TEST_REDIS_URL: redisUrl } = process.env;
  if (!postgresUrl || !redisUrl) throw new Error('test/servers-up.mjs starts the servers for the tests; it has not');
  const postgres = new URL(postgresUrl);
  const database = new Client({ connectionString: postgres.href });
  await database.connect();
  await database.query(`DROP DATABASE IF EXISTS keyward_w${worker} WITH (FORCE)`);
  await database.query(`CREATE DATABASE keyward_w${worker}`);
  await database.end();
  postgres.pathname = `/keyward_w${worker}`;

  const nats = testBus().url;
  const bus = await connectBus({ url: nats, name: 'test' });
  const { streams } = await jetstreamManager(bus);
  for await (const { config } of streams.list()) await streams.delete(config.name);
  await bus.close();

  const redis = new URL(redisUrl);
  redis.pathname = `/${worker}`;
  const cache = new Redis(redis.href);
  await cache.flushdb();
  cache.disconnect();
  return { postgres: postgres.href, nats, redis: redis.href };
}

/** A chat call the way clients make it. */
export function chat(
  url: string,
  key: string,
  fields: Record<string, unknown> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    signal,
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'one two three' }], ...fields }),
  });
}
