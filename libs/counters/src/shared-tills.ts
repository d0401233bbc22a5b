import type { Ahead, AheadAsk, FillAsk, ReserveAsk, Reserved, SettleAsk, TillFacts } from '#domain/budget/reservation';
import { RateMemory } from './rate-memory.js';
import { Late, type RedisTills } from './redis-tills.js';
import type { Shard, Shards } from './shards.js';
import type { Extended, Tills } from './tills.js';

/** As long as one command is waited for. */
const PATIENCE_MILLISECONDS = 300;

/** The tills that all gateways share, for as long as the server of a till can be asked. */
export class SharedTills implements Tills {
  readonly name = 'redis';

  readonly rates: RateMemory;

  constructor(
    private readonly shards: Pick<Shards, 'of'>,
    me: string,
    peers: () => readonly string[],
  ) {
    const tell: RateMemory['send'] = async (key, ...told) => this.having(key).tills.tell(key, ...told);
    this.rates = new RateMemory((key) => shards.of(key)?.link ?? null, tell, me, peers);
  }

  /** Nothing while its server is away. */
  runOf(key: string): string {
    return this.shards.of(key)?.link.run ?? '';
  }

  async reserve(key: string, ask: ReserveAsk): Promise<Reserved> {
    const isRated = ask.rpm !== null || ask.tpm !== null;
    const told = isRated ? this.rates.tell(key) : null;
    if (told) await told;
    const reserved = await this.inTime(key, (tills, latest) => tills.reserve(key, ask, latest));
    if (isRated) this.rates.saw(key, reserved);
    return reserved;
  }

  async ahead(key: string, ask: AheadAsk): Promise<Ahead> {
    const told = this.rates.tell(key);
    if (told) await told;
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
