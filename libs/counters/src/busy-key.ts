import { type Bucket, hasSpendLimit } from '#domain/budget/buckets';
import type { Ahead, ReserveAsk, SlotFacts, TillFacts } from '#domain/budget/reservation';
import type { Till } from '#domain/budget/till';
import type { Nanos } from '#domain/money';
import { Allotment } from '#domain/rate/allotment';
import { amountOf, bucketsAt, type LimitAsk, type LimitedKey, tokensOf } from './asking.js';
import { type Charged, chargedTo, Hold } from './hold.js';
import type { LiveHolds } from './live-holds.js';
import type { MemoryTills } from './memory-tills.js';
import type { RedisLink } from './redis-link.js';
import type { Refills } from './refills.js';
import type { SharedTills } from './shared-tills.js';

export interface BusyParts {
  readonly mine: MemoryTills;
  readonly shared: SharedTills;
  readonly link: RedisLink;
  readonly refills: Refills;
  readonly live: LiveHolds;
}

/** What is counted ahead should last so long, so that Redis is asked twice in a second and not for each request. */
const AHEAD_SECONDS = 0.5;
/** A little more than it looks like, because it is never quite even. */
const MARGIN = 1.25;
const LEAST_AHEAD = 4;
/** Places live as long as holds do, and are kept well before that. */
const KEEP_MILLISECONDS = 15_000;
/** A bank that could not be asked is left alone for a moment: what is not admitted here is asked for over Redis. */
const REST_MILLISECONDS = 1000;
/** In the last eighth of a limit every request is counted where all gateways count. */
const LAST_PARTS = 8n;
/** Counted, for the case that Redis goes away, and never limited by it: the allotment is what limits. */
const COUNTED = Number.MAX_SAFE_INTEGER;
const NOTHING = [0, 0, 0, 0, 0];
const ALL = [true, true, true, true, true];

/**
 * A key that this gateway sees often: let in from slices of the bank that are the gateway's own, and from rates and places that
 * were counted in advance. Whatever does not fit here is asked for over Redis, as everybody else's requests are.
 */
export class BusyKey {
  readonly key: LimitedKey;
  private readonly till: Till;
  private readonly allotment = new Allotment();
  private readonly isCounted: boolean;
  /** As of the last answer, and what has been seen here since the last look. */
  private used = { requests: 0, tokens: 0 };
  private seen = 0;
  private tokens = 0;
  private perSecond: number;
  private tokensEach: number;
  private lookedAt: number;
  private askedAt = Number.NEGATIVE_INFINITY;
  private asking = false;
  private refilling = false;
  private restsUntil = 0;
  private places = 0;
  private taken = 0;
  private buckets: readonly (Bucket | null)[];
  private from?: { readonly of: Charged; readonly ownKey: boolean; readonly epoch: number; readonly ids: string[] };
  /** When the last request was let in here. */
  usedAt: number;
  /** Nothing more is let in: it is to be given back. */
  isOver = false;
  /** One of its limits is: every request of it is to be counted where all gateways count. */
  isNearItsEnd = false;

  constructor(
    private readonly parts: BusyParts,
    private readonly holder: string,
    { key, at, tokens }: LimitAsk,
    perSecond: number,
  ) {
    this.key = key;
    this.till = parts.mine.of(key.key_id);
    this.isCounted = key.rate_limit !== null || key.token_limit !== null;
    this.buckets = bucketsAt(key, at).all;
    this.perSecond = perSecond;
    this.tokensEach = tokens;
    this.lookedAt = performance.now();
    this.usedAt = this.lookedAt;
  }

  /** Null where it has to be asked for. */
  admit(request: LimitAsk): { readonly hold: Hold; readonly facts: TillFacts } | null {
    const { key, allotment } = this;
    if (this.isOver || request.key.revision !== key.revision) {
      this.isOver = true;
      return null;
    }
    const at = performance.now();
    const tokens = tokensOf(request.tokens);
    this.seen++;
    this.tokens += tokens;
    if (key.max_parallel !== null && this.taken >= this.places) return this.askAhead(at);
    const second = this.isCounted ? allotment.take(at, tokens) : 0;
    if (second === null) return this.askAhead(at);
    const now = Date.now();
    const ask = this.askFor(request, tokens, now);
    const taken = this.till.admit(ask, now);
    if (!taken || taken.low) this.refill(request, ask, now);
    if (!taken) {
      allotment.correct(second, -1, -tokens);
      return null;
    }
    this.taken++;
    this.usedAt = at;
    const facts = this.factsAt(now);
    const { buckets } = this;
    const from = this.chargedTo(request, ask, facts);
    const hold = new Hold(this, { tills: this.parts.mine, key, asking: { ask, buckets }, second, facts, from });
    if (hold.isMoney) this.parts.live.add(hold);
    return { hold, facts };
  }

  settle(hold: Hold, cost: Nanos, tokens: number | null, ownKey: boolean): void {
    const { ask } = hold.asking;
    this.taken--;
    const requestsOff = tokens === null ? -1 : 0;
    const tokensOff = (tokens ?? 0) - ask.tokens;
    if (this.isCounted) this.allotment.correct(hold.second, requestsOff, tokensOff);
    if (!hold.isMoney) return;
    this.parts.live.remove(hold);
    const { request } = hold;
    const now = Date.now();
    const second = Math.floor(hold.admittedAt / 1000);
    this.till.settle(
      {
        request,
        held: true,
        cost: amountOf(cost),
        ownKey,
        second,
        requestsOff,
        tokensOff: this.isCounted ? tokensOff : 0,
      },
      now,
    );
  }

  /** Now and then: how busy it is, what the others have to be told, and whether its places are still kept. */
  look(): void {
    const at = performance.now();
    const seconds = (at - this.lookedAt) / 1000;
    this.lookedAt = at;
    this.perSecond = (this.perSecond + this.seen / seconds) / 2;
    if (this.seen > 0) this.tokensEach = (this.tokensEach + this.tokens / this.seen) / 2;
    this.seen = 0;
    this.tokens = 0;
    const isToBeKept = this.places > 0 && (this.isOver || at - this.askedAt > KEEP_MILLISECONDS);
    if (this.allotment.isOwing(at) || isToBeKept) this.askAhead(at, true);
  }

  /** What is not used here is for everybody again; true when nothing is left. */
  async giveBack(): Promise<boolean> {
    const now = Date.now();
    const { epoch, slots } = this.till.view(now);
    const known = slots.flatMap((slot, i) => (slot ? [{ i, id: slot.id, limit: BigInt(slot.limit) }] : []));
    const taken = this.till.take(epoch, ALL, 0, now) ?? NOTHING;
    const credits = 4;
    await this.parts.refills.giveBack(
      this.parts.mine,
      this.key,
      epoch,
      known.map(({ i, id, limit }) => ({ id, limit: i === credits ? null : limit, returned: taken[i] ?? 0 })),
    );
    return this.taken === 0 && this.places === 0 && !this.allotment.isOwing(performance.now());
  }

  private askFor({ requestId: request, amount, ownKey }: LimitAsk, tokens: number, now: number): ReserveAsk {
    const { key, isCounted } = this;
    this.buckets = bucketsAt(key, now).all;
    return {
      ...{ request, run: this.parts.mine.run, revision: key.revision, buckets: this.buckets },
      charged: key.prepaid && ownKey ? [true, true, true, true, false] : ALL,
      amount: amountOf(amount),
      tokens,
      rpm: isCounted ? COUNTED : null,
      tpm: null,
      parallel: null,
      memo: '',
    };
  }

  private factsAt(now: number): TillFacts {
    const { left } = this.allotment;
    const { epoch, leaseUntil, filledAt, slots } = this.till.view(now);
    const requests = this.used.requests - left.requests;
    const tokens = this.used.tokens - left.tokens;
    return { now, epoch, leaseUntil, filledAt, slots, requests, tokens, live: this.taken };
  }

  /** The same for one request after the other, until a new window begins. */
  private chargedTo({ ownKey }: LimitAsk, ask: ReserveAsk, facts: TillFacts): Charged {
    const { from } = this;
    const isSame = (slot: SlotFacts | null, i: number) => (slot?.id ?? '') === from?.ids[i];
    if (from && from.ownKey === ownKey && from.epoch === facts.epoch && facts.slots.every(isSame)) return from.of;
    const of = chargedTo(this.parts.mine.name, { ask, buckets: this.buckets }, facts);
    this.from = { of, ownKey, epoch: facts.epoch, ids: facts.slots.map((slot) => slot?.id ?? '') };
    return of;
  }

  private askAhead(at: number, isForLess = false): null {
    if (this.asking || !this.parts.link.run) return null;
    this.asking = true;
    this.askedAt = at;
    const { rate_limit: rpm, token_limit: tpm, max_parallel: parallel } = this.key;
    const requests = isForLess ? 0 : Math.ceil(this.perSecond * AHEAD_SECONDS * MARGIN) + LEAST_AHEAD;
    const places = Math.ceil(this.taken * MARGIN) + LEAST_AHEAD;
    this.parts.shared
      .ahead(this.key.key_id, {
        ...{ rpm, tpm, parallel, requests, tokens: Math.ceil(requests * this.tokensEach * MARGIN) },
        ...{ holder: this.holder, has: this.places, corrections: this.allotment.owed(at) },
        places: parallel === null ? 0 : this.isOver ? this.taken : places,
      })
      .then((ahead) => this.answered(at, ahead))
      // What was counted for nobody is over in a minute.
      .catch((error: unknown) => this.parts.link.trouble(error))
      .finally(() => {
        this.asking = false;
      });
    return null;
  }

  private answered(askedAt: number, { places, used, ...allotted }: Ahead): void {
    this.places = places;
    this.used = used;
    if (allotted.requests > 0) this.allotment.add({ askedAt, ...allotted });
  }

  /** One at a time, and nobody waits for it. */
  private refill({ ownKey: _, ...request }: LimitAsk, ask: ReserveAsk, now: number): void {
    if (this.refilling || now < this.restsUntil || !hasSpendLimit(request.key)) return;
    this.refilling = true;
    const { mine, refills } = this.parts;
    const { buckets } = this;
    const facts = this.till.look(now);
    const isThere = (bucket: Bucket | null, i: number) => !bucket || (facts.slots[i]?.window ?? -1) >= bucket.window;
    const isOpen = facts.epoch > 0 && facts.leaseUntil > now && buckets.every(isThere);
    const why = isOpen ? ('short' as const) : ('open' as const);
    refills
      .fetch(
        mine,
        this.key,
        { ask, buckets },
        { ...facts, outcome: 'refill', why, slot: -1, returned: NOTHING, claims: [] },
      )
      .then((filled) => {
        this.isNearItsEnd = this.till.view(now).slots.some(isNearItsEnd);
        if (filled === 'superseded' || this.isNearItsEnd) this.isOver = true;
      })
      .catch(() => {
        this.restsUntil = Date.now() + REST_MILLISECONDS;
      })
      .finally(() => {
        this.refilling = false;
      });
  }
}

function isNearItsEnd(slot: SlotFacts | null): boolean {
  return slot !== null && BigInt(slot.free) * LAST_PARTS < BigInt(slot.limit);
}
