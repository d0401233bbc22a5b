import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppProcess } from './app-process.js';
import type { AppName, House } from './house.js';
import type { Random } from './random.js';

/** What can be in trouble; only one trouble at a time has the same. */
type Place = AppName | 'redis' | 'nats' | 'postgres';

interface Fault {
  readonly name: string;
  readonly place: Place;
  /** Lasts, and puts things right again. */
  run(house: House): Promise<void>;
}

/** Everything that is drawn is drawn before it begins: the same faults in the same order for a seed. */
type Kind = (random: Random) => Fault;

const GATEWAYS = ['gateway-1', 'gateway-2', 'gateway-3'] as const;

const KINDS: { readonly [kind: string]: Kind } = {
  'gateway killed': (random) => killed(random.pick(GATEWAYS), random),
  'gateway stopped': (random) => stopped(random.pick(GATEWAYS), random),
  'usage killed': (random) => killed(random.pick(['usage-1', 'usage-2'] as const), random),
  'keys killed': (random) => killed('keys', random),
  'policy killed': (random) => killed('policy', random),
  'redis flushed': () => ({
    ...{ name: 'redis flushed', place: 'redis' },
    run: ({ redis }) => redis.ask(async (each) => void (await each.flushall())),
  }),
  'redis restarted empty': () => ({
    ...{ name: 'redis restarted empty', place: 'redis' },
    run: ({ redis }) => redis.restartEmpty(),
  }),
  'redis restarted stale': (random) => {
    const age = random.between(1000, 5000);
    const run = async ({ redis }: House) => {
      await redis.takeSnapshot();
      await sleep(age);
      await redis.restartFromSnapshot();
    };
    return { name: `redis restarted from a snapshot ${age} ms old`, place: 'redis', run };
  },
  'redis frozen': (random) => {
    const lasts = random.between(800, 5000);
    return { name: `redis frozen for ${lasts} ms`, place: 'redis', run: ({ redis }) => frozen(redis, lasts) };
  },
  'redis failed over': (random) => {
    const apart = random.between(1000, 8000);
    const left = random.between(0, 2);
    const run = (house: House) => failedOver(house, left, apart);
    return { name: `redis failed over, gateway-${left + 1} left behind for ${apart} ms`, place: 'redis', run };
  },
  'redis silent': (random) => {
    const lasts = random.between(1000, 5000);
    const whom = random.between(0, 2);
    const run = async ({ ways }: House) => {
      ways[whom]?.swallowAll();
      await sleep(lasts);
      ways[whom]?.heal();
    };
    return { name: `redis silent for gateway-${whom + 1} for ${lasts} ms`, place: 'redis', run };
  },
  'nats killed': (random) => {
    const lasts = random.between(0, 3000);
    const run = async ({ services: { nats } }: House) => {
      await nats.kill('SIGKILL');
      await sleep(lasts);
      await nats.restart();
    };
    return { name: `nats killed for ${lasts} ms`, place: 'nats', run };
  },
  'nats frozen': (random) => {
    const lasts = random.between(800, 6000);
    return { name: `nats frozen for ${lasts} ms`, place: 'nats', run: ({ services }) => frozen(services.nats, lasts) };
  },
  'nats lost its data': () => ({
    ...{ name: 'nats lost its data', place: 'nats' },
    run: async ({ dir, services: { nats } }) => {
      await nats.kill('SIGKILL');
      await rm(join(dir, 'nats', 'jetstream'), { recursive: true, force: true });
      await nats.restart();
    },
  }),
  'postgres frozen': (random) => {
    const lasts = random.between(800, 6000);
    const run = ({ services }: House) => frozen(services.postgres, lasts);
    return { name: `postgres frozen for ${lasts} ms`, place: 'postgres', run };
  },
  'postgres killed': (random) => {
    const lasts = random.between(0, 3000);
    const run = async ({ services: { postgres } }: House) => {
      await postgres.kill('SIGKILL');
      await sleep(lasts);
      await postgres.restart();
    };
    return { name: `postgres killed for ${lasts} ms`, place: 'postgres', run };
  },
};

export interface Planned extends Fault {
  readonly kind: string;
  readonly atSeconds: number;
}

/** Two at a time, of different places. A third of the seeds leave Redis alone: there rates are counted without a gap. */
export function planFaults(seconds: number, isRedisSpared: boolean, random: Random): Planned[] {
  const kinds = Object.keys(KINDS).filter((kind) => !isRedisSpared || !kind.startsWith('redis'));
  const planned: Planned[] = [];
  for (let at = 3 + random.next(); at < seconds; at += 0.7 + random.next() * 3.5) {
    const kind = random.pick(kinds);
    planned.push({ ...(KINDS[kind] as Kind)(random), kind, atSeconds: at });
  }
  return planned;
}

function killed(name: AppName, random: Random): Fault {
  const gone = random.between(0, 4000);
  const run = async (house: House) => {
    const app = house.apps.get(name) as AppProcess;
    await app.end('SIGKILL');
    await sleep(gone);
    app.start();
  };
  return { name: `${name} killed, back after ${gone} ms`, place: name, run };
}

function stopped(name: AppName, random: Random): Fault {
  const gone = random.between(0, 1000);
  const run = async (house: House) => {
    const app = house.apps.get(name) as AppProcess;
    await app.end('SIGTERM');
    await sleep(gone);
    app.start();
  };
  return { name: `${name} stopped in good order, back after ${gone} ms`, place: name, run };
}

async function frozen(server: { freeze(): void; thaw(): void }, milliseconds: number): Promise<void> {
  server.freeze();
  try {
    await sleep(milliseconds);
  } finally {
    server.thaw();
  }
}

/** A replica takes over for all but one, who goes on with the old primary until somebody notices. */
async function failedOver(house: House, left: number, milliseconds: number): Promise<void> {
  const old = house.redis;
  const next = await house.anotherRedis();
  await next.follow(old);
  await next.takeOver();
  house.redis = next;
  house.aimAll(next);
  house.ways[left]?.aim(old.url);
  await sleep(milliseconds);
  await old.kill();
  house.ways[left]?.aim(next.url);
}
