import { Cluster, Redis } from 'ioredis';
import type { Log } from './log.js';

/**
 * Connections to the servers that a setting names: one, or, with commas between them, some of a cluster. All of a cluster have
 * the same user and password.
 */
export class RedisNodes {
  readonly seeds: readonly string[];
  private readonly open = new Map<string, Redis>();

  constructor(
    setting: string,
    private readonly log: Log,
  ) {
    this.seeds = setting.split(',').map((url) => url.trim());
  }

  get isCluster(): boolean {
    return this.seeds.length > 1;
  }

  at(url: string): Redis {
    const there = this.open.get(url);
    if (there) return there;
    const redis = openRedis(url, this.log);
    this.open.set(url, redis);
    return redis;
  }

  /** How a server that the cluster names is reached; one that does not know its name is where the others are. */
  addressOf(host: string | null, port: number): string {
    const url = new URL(this.seeds[0] as string);
    if (host) url.hostname = host.includes(':') ? `[${host}]` : host;
    url.port = String(port);
    // As it was named, where it was: one connection is enough.
    return this.seeds.find((seed) => new URL(seed).host === url.host) ?? url.href;
  }

  drop(url: string): void {
    this.open.get(url)?.disconnect();
    this.open.delete(url);
  }

  close(): void {
    for (const url of [...this.open.keys()]) this.drop(url);
  }
}

/** For what may be asked anywhere and may be lost: in a cluster whoever has a name is found by being sent on. */
export function openRedisCache(setting: string, log: Log): Redis | Cluster {
  const nodes = new RedisNodes(setting, log);
  const [seed = ''] = nodes.seeds;
  if (!nodes.isCluster) return nodes.at(seed);
  const { username, password, tls } = new Redis(seed, { lazyConnect: true }).options;
  const cluster = new Cluster([...nodes.seeds], {
    redisOptions: { ...PATIENCE, username, password, tls },
    enableOfflineQueue: false,
    slotsRefreshTimeout: 1000,
    slotsRefreshInterval: 5000,
    clusterRetryStrategy: (attempt) => Math.min(50 * attempt, 500),
  });
  // What cannot be reached is looked up elsewhere, and said by whoever counts.
  cluster.on('error', () => {});
  return cluster;
}

const PATIENCE = {
  connectTimeout: 1000,
  commandTimeout: 300,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  keepAlive: 5000,
} as const;

/**
 * ioredis with every time-out set: out of the box a frozen server holds a command for ever, and a missing one queues
 * commands without end. A command that cannot be sent now fails now; the caller knows what to do without Redis.
 */
function openRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    ...PATIENCE,
    retryStrategy: (attempt) => Math.min(50 * attempt, 500),
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  let down = false;
  redis.on('error', (error: Error) => {
    if (!down) log.warn({ err: error.message, server: redis.options.host }, 'redis is away');
    down = true;
  });
  redis.on('ready', () => {
    if (down) log.warn({ server: redis.options.host }, 'redis is back');
    down = false;
  });
  return redis;
}
