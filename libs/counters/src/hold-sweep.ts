import type { Redis } from 'ioredis';
import type { Claimed } from '#domain/budget/reservation';
import { RedisTills } from './redis-tills.js';

const SWEEP_MILLISECONDS = 20_000;
const LOCK = 'keyward:sweep';
const KEYS_AT_ONCE = 1000;

/**
 * Finds the holds of dead gateways whose keys nobody uses any more: the next request of a key would find them, but there may
 * be none. One of all processes does it at a time.
 */
export class HoldSweep {
  private readonly tills: RedisTills;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly redis: Redis,
    private readonly isThere: () => boolean,
    private readonly onClaimed: (key: string, claims: readonly Claimed[]) => void,
  ) {
    this.tills = new RedisTills(redis);
    this.timer = setInterval(() => {
      // Where it does not answer, somebody else sweeps, or this one next time.
      if (this.isThere()) this.sweep().catch(() => {});
    }, SWEEP_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async sweep(): Promise<void> {
    const locked = await this.redis.set(LOCK, '1', 'PX', SWEEP_MILLISECONDS - 1000, 'NX');
    if (locked === null) return;
    let cursor = '0';
    do {
      const [next, names] = await this.redis.scan(cursor, 'MATCH', 'keyward:{*}:live', 'COUNT', KEYS_AT_ONCE);
      cursor = next;
      for (const name of names) await this.look(name);
    } while (cursor !== '0');
  }

  private async look(name: string): Promise<void> {
    const key = /\{(.+)\}/.exec(name)?.[1];
    if (key === undefined) return;
    const claims = await this.tills.claim(key);
    if (claims.length) this.onClaimed(key, claims);
  }
}
