import type { FillAsk, ReserveAsk, Reserved, SettleAsk, TillFacts } from '#domain/budget/reservation';
import { Late } from './redis-tills.js';
import type { Shard, Shards } from './shards.js';
import type { Extended, Tills } from './tills.js';

/** As long as one command is waited for. */
const PATIENCE_MILLISECONDS = 300;

/** The tills that all gateways share, for as long as the server of a till can be asked. */
export class SharedTills implements Tills {
  readonly name = 'redis';

  constructor(private readonly shards: Pick<Shards, 'of'>) {}

  /** Nothing while its server is away. */
  runOf(key: string): string {
    return this.shards.of(key)?.link.run ?? '';
  }

  async reserve(key: string, ask: ReserveAsk): Promise<Reserved> {
    const shard = this.having(key);
    const { link, tills } = shard;
    const attempt = async () => {
      const reserved = await tills.reserve(key, ask, link.latest(PATIENCE_MILLISECONDS));
      link.saw(reserved.now);
      return reserved;
    };
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Late)) throw error;
      // Its clock is further than we thought; nothing was done.
      link.saw(error.now, true);
      return attempt();
    }
  }

  async settle(key: string, ask: SettleAsk): Promise<boolean> {
    return this.having(key).tills.settle(key, ask);
  }

  async extend(key: string, requests: readonly string[], life?: number): Promise<Extended> {
    return this.having(key).tills.extend(key, requests, life);
  }

  async fill(key: string, ask: FillAsk): Promise<boolean> {
    return this.having(key).tills.fill(key, ask);
  }

  async take(key: string, epoch: number, slots: readonly boolean[], idle: number): Promise<number[] | null> {
    return this.having(key).tills.take(key, epoch, slots, idle);
  }

  async look(key: string): Promise<TillFacts> {
    return this.having(key).tills.look(key);
  }

  private having(key: string): Shard {
    const shard = this.shards.of(key);
    if (!shard) throw new Error('nobody knows which server has this till');
    return shard;
  }
}
