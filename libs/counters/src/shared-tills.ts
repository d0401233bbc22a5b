import type { Redis } from 'ioredis';
import type { Ahead, AheadAsk, FillAsk, ReserveAsk, Reserved, SettleAsk, TillFacts } from '#domain/budget/reservation';
import type { RedisLink } from './redis-link.js';
import { Late, RedisTills } from './redis-tills.js';
import type { Extended, Tills } from './tills.js';

/** As long as one command is waited for. */
const PATIENCE_MILLISECONDS = 300;

/** The tills that all gateways share, for as long as Redis can be asked. */
export class SharedTills implements Tills {
  readonly name = 'redis';
  private readonly tills: RedisTills;

  constructor(
    redis: Redis,
    private readonly link: RedisLink,
  ) {
    this.tills = new RedisTills(redis);
  }

  /** Nothing while Redis is away. */
  get run(): string {
    return this.link.run ?? '';
  }

  reserve(key: string, ask: ReserveAsk): Promise<Reserved> {
    return this.inTime((latest) => this.tills.reserve(key, ask, latest));
  }

  ahead(key: string, ask: AheadAsk): Promise<Ahead> {
    return this.inTime((latest) => this.tills.ahead(key, ask, latest));
  }

  settle(key: string, ask: SettleAsk): Promise<boolean> {
    return this.tills.settle(key, ask);
  }

  extend(key: string, requests: readonly string[], life?: number): Promise<Extended> {
    return this.tills.extend(key, requests, life);
  }

  fill(key: string, ask: FillAsk): Promise<boolean> {
    return this.tills.fill(key, ask);
  }

  take(key: string, epoch: number, slots: readonly boolean[], idle: number): Promise<number[] | null> {
    return this.tills.take(key, epoch, slots, idle);
  }

  look(key: string): Promise<TillFacts> {
    return this.tills.look(key);
  }

  private async inTime<Answer extends { readonly now: number }>(
    ask: (latest: number) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return this.seen(await ask(this.link.latest(PATIENCE_MILLISECONDS)));
    } catch (error) {
      if (!(error instanceof Late)) throw error;
      // Its clock is further than we thought; nothing was done.
      this.link.saw(error.now, true);
      return this.seen(await ask(this.link.latest(PATIENCE_MILLISECONDS)));
    }
  }

  private seen<Answer extends { readonly now: number }>(answer: Answer): Answer {
    this.link.saw(answer.now);
    return answer;
  }
}
