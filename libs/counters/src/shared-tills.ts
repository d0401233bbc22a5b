import type { FillAsk, ReserveAsk, Reserved, SettleAsk, TillFacts } from '#domain/budget/reservation';
import { RateMemory } from './rate-memory.js';
import { Late } from './redis-tills.js';
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
    const reserved = await this.ask(key, ask);
    if (isRated) this.rates.saw(key, reserved);
    return reserved;
  }

  private async ask(key: string, ask: ReserveAsk): Promise<Reserved> {
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
