import type { Leases } from '#domain/budget/leases';
import type { Ahead } from '#domain/budget/reservation';
import { Allotment } from '#domain/rate/allotment';
import { type LimitAsk, type LimitedKey, tokensOf } from './asking.js';
import type { Shards } from './shards.js';
import type { SharedTills } from './shared-tills.js';

/** What is counted ahead should last so long, so that Redis is asked twice in a second and not for each request. */
const AHEAD_SECONDS = 0.5;
/** A little more than it looks like, because it is never quite even. */
const MARGIN = 1.25;
const LEAST_AHEAD = 4;
/** Places live as long as holds do, and are kept well before that. */
const KEEP_PARTS = 3;

interface Parts {
  readonly shared: Pick<SharedTills, 'ahead' | 'runOf'>;
  readonly shards: Pick<Shards, 'trouble'>;
  readonly leases: Pick<Leases, 'hold'>;
}

/** The rates and places of one key that were counted in Redis before they are needed here. */
export class CountedAhead {
  private readonly allotment = new Allotment();
  private readonly isCounted: boolean;
  /** As of the last answer, and what has been seen here since the last look. */
  private used = { requests: 0, tokens: 0 };
  private seen = 0;
  private tokens = 0;
  private tokensEach: number;
  private lookedAt = performance.now();
  private askedAt = Number.NEGATIVE_INFINITY;
  private asking = false;
  private places = 0;
  private taken = 0;

  constructor(
    private readonly parts: Parts,
    private readonly key: LimitedKey,
    private readonly holder: string,
    first: LimitAsk,
    private perSecond: number,
  ) {
    this.tokensEach = first.tokens;
    this.isCounted = key.rate_limit !== null || key.token_limit !== null;
  }

  /** In which second it counts; null where it has to be asked for. */
  take(at: number, asked: number): number | null {
    const tokens = tokensOf(asked);
    this.seen++;
    this.tokens += tokens;
    const hasPlace = this.key.max_parallel === null || this.taken < this.places;
    const second = !hasPlace ? null : this.isCounted ? this.allotment.take(at, tokens) : 0;
    if (second === null) this.ask(at, true);
    else this.taken++;
    return second;
  }

  /** It was not needed after all, or not as it was thought. */
  settle(second: number, requestsOff: number, tokensOff: number): void {
    this.taken--;
    if (this.isCounted) this.allotment.correct(second, requestsOff, tokensOff);
  }

  /** What counts in the last minute, with what others had until the last answer. */
  get facts(): { readonly requests: number; readonly tokens: number; readonly live: number } {
    const { left } = this.allotment;
    const { requests, tokens } = this.used;
    return { requests: requests - left.requests, tokens: tokens - left.tokens, live: this.taken };
  }

  /** Now and then: how busy it is, what the others have to be told, and whether its places are still kept. */
  look(isOver: boolean): void {
    const at = performance.now();
    const seconds = (at - this.lookedAt) / 1000;
    this.lookedAt = at;
    const isSeen = this.seen > 0;
    this.perSecond = (this.perSecond + this.seen / seconds) / 2;
    if (isSeen) this.tokensEach = (this.tokensEach + this.tokens / this.seen) / 2;
    this.seen = 0;
    this.tokens = 0;
    const isToBeKept = this.places > 0 && (isOver || at - this.askedAt > this.parts.leases.hold / KEEP_PARTS);
    if (this.allotment.isOwing(at) || isToBeKept) this.ask(at, isSeen && !isOver, isOver);
  }

  /** Nothing of it is in use, and nothing is owed. */
  get isDone(): boolean {
    return this.taken === 0 && this.places === 0 && !this.allotment.isOwing(performance.now());
  }

  private ask(at: number, forMore: boolean, isOver = false): void {
    if (this.asking || this.parts.shared.runOf(this.key.key_id) === '') return;
    this.asking = true;
    this.askedAt = at;
    const { rate_limit: rpm, token_limit: tpm, max_parallel: parallel } = this.key;
    const requests = forMore && this.isCounted ? Math.ceil(this.perSecond * AHEAD_SECONDS * MARGIN) + LEAST_AHEAD : 0;
    const places = isOver ? this.taken : Math.ceil(this.taken * MARGIN) + LEAST_AHEAD;
    this.parts.shared
      .ahead(this.key.key_id, {
        ...{ rpm, tpm, parallel, requests, tokens: Math.ceil(requests * this.tokensEach * MARGIN) },
        ...{ holder: this.holder, has: this.places, corrections: this.allotment.owed(at) },
        places: parallel === null ? 0 : places,
      })
      .then((ahead) => this.answered(at, ahead))
      // What was counted for nobody is over in a minute.
      .catch((error: unknown) => this.parts.shards.trouble(this.key.key_id, error))
      .finally(() => {
        this.asking = false;
      });
  }

  private answered(askedAt: number, { places, used, ...allotted }: Ahead): void {
    this.places = places;
    this.used = used;
    if (allotted.requests > 0) this.allotment.add({ askedAt, ...allotted });
  }
}
