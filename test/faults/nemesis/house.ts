import { mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePorts } from '../../../scripts/services/ports.mjs';
import { type Services, startServices } from '../../../scripts/services.mjs';
import { type FakeUpstream, startFakeUpstream } from '../../fake-upstream/fake-upstream.js';
import { startTcpProxy, type TcpProxy } from '../../tcp-proxy.js';
import { AppProcess } from './app-process.js';
import { RedisServer } from './redis-server.js';
import { watchBank } from './watch.js';

export const OWNER = { email: 'owner@keyward.test', password: 'correct-horse-battery' };
/** Nanos for one token. */
export const RATES = { input: 1000n, output: 2000n };

const GATEWAYS = ['gateway-1', 'gateway-2', 'gateway-3'] as const;
const OTHERS = ['usage-1', 'usage-2', 'keys', 'policy'] as const;
const MOST_REDISES = 60;
export type AppName = (typeof GATEWAYS)[number] | (typeof OTHERS)[number];

/** A gateway that loses sight of Redis, or finds it again. */
export interface Gap {
  readonly gateway: number;
  readonly at: number;
}

export interface House {
  readonly dir: string;
  readonly leaseSeconds: number;
  readonly services: Services;
  readonly upstream: FakeUpstream;
  readonly gateways: readonly AppProcess[];
  readonly apps: ReadonlyMap<AppName, AppProcess>;
  /** The Redis everybody should speak to, and each gateway’s own way there. */
  redis: RedisServer;
  readonly ways: readonly TcpProxy[];
  /** Another Redis, on a port of its own. */
  anotherRedis(): Promise<RedisServer>;
  /** The keys service has a way of its own. */
  aimAll(redis: RedisServer): void;
  /** Every moment at which a gateway began or ceased to count by itself, by the clock of this process. */
  gaps(): Gap[];
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** Everything as it is run: seven processes of ours, three gateways among them, and servers of their own. */
export async function openHouse(leaseSeconds: number): Promise<House> {
  const dir = await mkdtemp(join(tmpdir(), 'keyward-nemesis-'));
  const logs = join(dir, 'logs');
  mkdirSync(logs, { recursive: true });
  const spare = Array.from({ length: MOST_REDISES }, (_, i) => `redis-${i + 1}`);
  const ports = await choosePorts(dir, [...GATEWAYS, ...OTHERS, ...spare]);
  const portOf = (name: string) => ports[name] as number;
  let redises = 0;
  const all: RedisServer[] = [];
  const anotherRedis = async () => {
    const name = `redis-${++redises}`;
    const server = await RedisServer.start(join(dir, name), portOf(name));
    all.push(server);
    return server;
  };
  const redis = await anotherRedis();
  const unset = { KEYWARD_POSTGRES_URL: undefined, KEYWARD_NATS_URL: undefined, KEYWARD_REDIS_URL: redis.url };
  const services = await startServices({ dataDir: dir, env: { ...process.env, ...unset }, postgres: { fsync: false } });
  const upstream = await startFakeUpstream();
  const catalogue = join(dir, 'catalogue.yaml');
  await writeFile(
    catalogue,
    `providers:\n  fake: { origin: '${upstream.url}' }\nmodels:\n  fake: [{ provider: fake, price: { input: 1, output: 2 } }]\n`,
  );
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    KEYWARD_POSTGRES_URL: services.postgres.url,
    KEYWARD_NATS_URL: services.nats.url,
    KEYWARD_SECRET: 'a secret for the nemesis, of more than 32 letters',
    KEYWARD_OWNER_EMAIL: OWNER.email,
    KEYWARD_OWNER_PASSWORD: OWNER.password,
    KEYWARD_CATALOGUE_FILE: catalogue,
    KEYWARD_LEASE_SECONDS: String(leaseSeconds),
    KEYWARD_LOG_LEVEL: 'warn',
    NODE_ENV: 'production',
    // Seven of them start with every seed, and again with many a fault.
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
  };
  const ways = await Promise.all([...GATEWAYS, 'keys'].map(() => startTcpProxy(redis.url)));
  const wayOf = (name: AppName) => ways[name === 'keys' ? GATEWAYS.length : GATEWAYS.indexOf(name as 'gateway-1')];
  const apps = new Map(
    [...GATEWAYS, ...OTHERS].map((name) => {
      const own = {
        KEYWARD_REDIS_URL: wayOf(name)?.through(redis.url) ?? redis.url,
        KEYWARD_PORT: String(portOf(name)),
        KEYWARD_OPS_PORT: name.startsWith('gateway') ? '' : String(portOf(name)),
        KEYWARD_SPOOL_DIR: join(dir, 'spool', name),
      };
      const program = name.replace(/-\d$/, '');
      return [name, new AppProcess(name, program, portOf(name), { ...env, ...own }, logs)] as const;
    }),
  );
  for (const app of apps.values()) app.start();
  const house: House = {
    dir,
    leaseSeconds,
    services,
    upstream,
    apps,
    gateways: GATEWAYS.map((name) => apps.get(name) as AppProcess),
    redis,
    ways: ways.slice(0, GATEWAYS.length),
    anotherRedis,
    aimAll: (server) => {
      for (const way of ways) way.aim(server.url);
    },
    gaps: () =>
      GATEWAYS.flatMap((name, gateway) =>
        gapsIn(readFileSync(join(logs, `${name}.log`), 'utf8')).map((at) => ({ gateway, at })),
      ),
    stop: async () => {
      await Promise.all([...apps.values()].map((app) => app.end('SIGKILL')));
      await Promise.all([...all.map((each) => each.kill()), services.stop(), ...ways.map((way) => way.close())]);
      await upstream.stop();
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
  try {
    await Promise.all([...apps.values()].map((app) => app.ready()));
    await watchBank(services.postgres.url);
  } catch (error) {
    await house.stop();
    throw error;
  }
  return house;
}

/** What its log says of Redis. A machine with too much to do loses sight of it without any fault of ours. */
function gapsIn(log: string): number[] {
  return log.split('\n').flatMap((line) => {
    const time = /"time":"([^"]+)".*"msg":"redis (?:does not answer|is away|is back)/.exec(line)?.[1];
    return time ? [Date.parse(time) - performance.timeOrigin] : [];
  });
}
