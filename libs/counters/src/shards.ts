import type { Redis } from 'ioredis';
import type { Leases } from '#domain/budget/leases';
import type { Log } from '#runtime/log';
import type { RedisNodes } from '#runtime/redis';
import { keySlot } from './key-slot.js';
import { RedisLink } from './redis-link.js';
import { placesOf, RedisTills } from './redis-tills.js';

/** One server that has tills, and what is known of its life. */
export interface Shard {
  readonly redis: Redis;
  readonly link: RedisLink;
  readonly tills: RedisTills;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly address: string;
}

const REFRESH_MILLISECONDS = 1000;

/**
 * The servers that tills are in: one, or the masters of a Redis Cluster. Each till is asked of the very server whose life it is
 * asked as, and no redirection is followed: a replica that has taken over may know less than the master before it, and a
 * till that was simply found there would be spent a second time.
 */
export class Shards {
  private readonly known = new Map<string, Shard>();
  private ranges: readonly Range[] = [];
  private readonly timer?: NodeJS.Timeout;
  private refreshing?: Promise<void>;

  constructor(
    private readonly nodes: RedisNodes,
    private readonly log: Log,
    private readonly leases: Leases,
    private readonly onBack: () => void,
    private readonly onSettled: () => void,
  ) {
    for (const address of nodes.seeds) this.at(address);
    if (!nodes.isCluster) return;
    this.timer = setInterval(() => void this.refresh(), REFRESH_MILLISECONDS);
    void this.refresh();
  }

  /** Null while nobody knows who has it. */
  of(key: string): Shard | null {
    if (!this.nodes.isCluster) return this.at(this.nodes.seeds[0] as string);
    return this.havingSlot(keySlot(placesOf(key)[0] as string));
  }

  /** Whoever has a name that belongs to no key. */
  having(name: string): Shard | null {
    return this.nodes.isCluster ? this.havingSlot(keySlot(name)) : this.of(name);
  }

  /** Those that have tills. */
  all(): Shard[] {
    if (!this.nodes.isCluster) return [...this.known.values()];
    return [...new Set(this.ranges.map(({ address }) => this.at(address)))];
  }

  /** Every till can be asked. */
  get isWhole(): boolean {
    const all = this.all();
    return all.length > 0 && all.every(({ link }) => link.run !== null);
  }

  /** One of them has just come back. */
  get isSettling(): boolean {
    return this.all().some(({ link }) => link.isSettling);
  }

  trouble(key: string, error: unknown): void {
    this.of(key)?.link.trouble(error);
    if (this.nodes.isCluster) void this.refresh();
  }

  stop(): void {
    clearInterval(this.timer);
    for (const { link } of this.known.values()) link.stop();
  }

  private havingSlot(slot: number): Shard | null {
    const range = this.ranges.find(({ from, to }) => from <= slot && slot <= to);
    return range ? this.at(range.address) : null;
  }

  private at(address: string): Shard {
    const there = this.known.get(address);
    if (there) return there;
    const redis = this.nodes.at(address);
    const link = new RedisLink(redis, this.log, this.onBack, this.onSettled);
    const shard = { redis, link, tills: new RedisTills(redis, this.leases) };
    this.known.set(address, shard);
    return shard;
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.askAround()
      // What it says cannot be understood. It is asked again in a second.
      .catch((error: unknown) => this.log.warn({ err: error }, 'the cluster could not be asked who has what'))
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }

  /** Whoever answers first: a master that has just been cut off says what was, and a moment later nothing any more. */
  private async askAround(): Promise<void> {
    for (const { redis } of this.known.values()) {
      if (redis.status !== 'ready') continue;
      const told = await redis.cluster('SLOTS').catch(() => null);
      if (!Array.isArray(told) || told.length === 0) continue;
      this.ranges = told.flatMap(([from, to, master]) =>
        master ? [{ from, to, address: this.nodes.addressOf(master[0], master[1]) }] : [],
      );
      this.forget();
      return;
    }
  }

  /** Those that have left the cluster; seeds stay, to be asked around. */
  private forget(): void {
    const masters = new Set(this.ranges.map(({ address }) => address));
    for (const [address, { link }] of this.known) {
      if (masters.has(address)) continue;
      // Should it be one again, it is asked anew who it is.
      link.trouble(new Error('it is no master any more'));
      if (this.nodes.seeds.includes(address)) continue;
      link.stop();
      this.known.delete(address);
      this.nodes.drop(address);
    }
  }
}
