import type { Ahead, AheadAsk, FillAsk, ReserveAsk, Reserved, SettleAsk, TillFacts } from '#domain/budget/reservation';
import { Late, type RedisTills } from './redis-tills.js';
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

  reserve(key: string, ask: ReserveAsk): Promise<Reserved> {
    return this.inTime(key, (tills, latest) => tills.reserve(key, ask, latest));
  }

  ahead(key: string, ask: AheadAsk): Promise<Ahead> {
    return this.inTime(key, (tills, latest) => tills.ahead(key, ask, latest));
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

  private async inTime<Answer extends { readonly now: number }>(
    key: string,
    ask: (tills: RedisTills, latest: number) => Promise<Answer>,
  ): Promise<Answer> {
    const { link, tills } = this.having(key);
    const attempt = async () => {
      const answer = await ask(tills, link.latest(PATIENCE_MILLISECONDS));
      link.saw(answer.now);
      return answer;
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
}
