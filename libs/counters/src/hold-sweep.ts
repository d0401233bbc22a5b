import type { Leases } from '#domain/budget/leases';
import type { Claimed } from '#domain/budget/reservation';
import type { Shard } from './shards.js';

type Swept = Pick<Shard, 'redis' | 'tills'>;

interface Servers {
  all(): readonly Swept[];
  having(name: string): Swept | null;
}

const LOCK = 'keyward:sweep';
const KEYS_AT_ONCE = 1000;

/**
 * Finds the holds of dead gateways whose keys nobody uses any more: the next request of a key would find them, but there may
 * be none. One of all processes does it at a time.
 */
export class HoldSweep {
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly servers: Servers,
    private readonly isThere: () => boolean,
    private readonly onClaimed: (key: string, claims: readonly Claimed[]) => void,
    private readonly leases: Leases,
  ) {
    this.timer = setInterval(() => {
      // Where it does not answer, somebody else sweeps, or this one next time.
      if (this.isThere()) this.sweep().catch(() => {});
    }, this.every);
  }

  private get every(): number {
    return this.leases.lease / 3;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async sweep(): Promise<void> {
    const locked = await this.servers.having(LOCK)?.redis.set(LOCK, '1', 'PX', this.every - 1000, 'NX');
    if (locked !== 'OK') return;
    // One that is away is swept when it is back; the others are not kept waiting for it.
    await Promise.allSettled(this.servers.all().map((server) => this.sweepOne(server)));
  }

  private async sweepOne({ redis, tills }: Swept): Promise<void> {
    let cursor = '0';
    do {
      const [next, names] = await redis.scan(cursor, 'MATCH', 'keyward:{*}:live', 'COUNT', KEYS_AT_ONCE);
      cursor = next;
      for (const name of names) {
        const key = /\{(.+)\}/.exec(name)?.[1];
        const claims = key === undefined ? [] : await tills.claim(key);
        if (key !== undefined && claims.length) this.onClaimed(key, claims);
      }
    } while (cursor !== '0');
  }
}
