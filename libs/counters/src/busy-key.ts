import { type Bucket, hasSpendLimit } from '#domain/budget/buckets';
import type { Leases } from '#domain/budget/leases';
import { type ReserveAsk, SLOTS, type SlotFacts, type TillFacts } from '#domain/budget/reservation';
import type { Till } from '#domain/budget/till';
import type { Nanos } from '#domain/money';
import { amountOf, bucketsAt, type LimitAsk, type LimitedKey, tokensOf } from './asking.js';
import { CountedAhead } from './counted-ahead.js';
import { type Charged, chargedTo, Hold } from './hold.js';
import type { LiveHolds } from './live-holds.js';
import type { MemoryTills } from './memory-tills.js';
import type { Refills } from './refills.js';
import type { Shards } from './shards.js';
import type { SharedTills } from './shared-tills.js';

export interface BusyParts {
  readonly mine: MemoryTills;
  readonly shared: SharedTills;
  readonly shards: Shards;
  readonly refills: Refills;
  readonly live: LiveHolds;
  readonly leases: Leases;
}

/** A bank that could not be asked is left alone for a moment: what is not admitted here is asked for over Redis. */
const REST_MILLISECONDS = 1000;
/** In the last eighth of a limit every request is counted where all gateways count. */
const LAST_PARTS = 8n;
/** Counted, for the case that Redis goes away, and never limited by it: what was counted ahead is what limits. */
const COUNTED = Number.MAX_SAFE_INTEGER;
const NOTHING = SLOTS.map(() => 0);
const ALL = SLOTS.map(() => true);
const ALL_BUT_CREDITS = SLOTS.map((slot) => slot !== 'credits');

/**
 * A key that this gateway sees often: let in from slices of the bank that are the gateway's own, and from rates and places that
 * were counted in advance. Whatever does not fit here is asked for over Redis, as everybody else's requests are.
 */
export class BusyKey {
  readonly key: LimitedKey;
  private readonly till: Till;
  private readonly ahead: CountedAhead;
  private readonly isCounted: boolean;
  private refilling = false;
  private restsUntil = 0;
  private buckets: readonly (Bucket | null)[];
  private from?: { readonly of: Charged; readonly ownKey: boolean; readonly epoch: number; readonly ids: string[] };
  /** When the last request was let in here. */
  usedAt = performance.now();
  /** Nothing more is let in: it is to be given back. */
  isOver = false;
  /** One of its limits is: every request of it is to be counted where all gateways count. */
  isNearItsEnd = false;

  constructor(
    private readonly parts: BusyParts,
    holder: string,
    first: LimitAsk,
    perSecond: number,
  ) {
    const { key, at } = first;
    this.key = key;
    this.till = parts.mine.till(key.key_id);
    this.ahead = new CountedAhead(parts, key, holder, first, perSecond);
    this.isCounted = key.rate_limit !== null || key.token_limit !== null;
    this.buckets = bucketsAt(key, at).all;
  }

  /** Null where it has to be asked for. */
  admit(request: LimitAsk): { readonly hold: Hold; readonly facts: TillFacts } | null {
    const { key, ahead } = this;
    if (request.key.revision !== key.revision) this.isOver = true;
    if (this.isOver) return null;
    const at = performance.now();
    const second = ahead.take(at, request.tokens);
    if (second === null) return null;
    const now = Date.now();
    const ask = this.askFor(request, now);
    const taken = this.till.admit(ask, now);
    if (!taken || taken.low) this.refill(ask, now);
    if (!taken) {
      ahead.settle(second, -1, -ask.tokens);
      return null;
    }
    this.usedAt = at;
    const facts = { ...this.till.view(now), ...ahead.facts };
    const asking = { ask, buckets: this.buckets };
    const from = this.chargedTo(request, ask, facts);
    const hold = new Hold(this, {
      tills: this.parts.mine,
      key,
      asking,
      second,
      facts,
      from,
      life: this.parts.leases.hold,
    });
    if (hold.isMoney) this.parts.live.add(hold);
    return { hold, facts };
  }

  settle(hold: Hold, cost: Nanos, tokens: number | null, ownKey: boolean): void {
    const requestsOff = tokens === null ? -1 : 0;
    const tokensOff = (tokens ?? 0) - hold.asking.ask.tokens;
    this.ahead.settle(hold.second, requestsOff, tokensOff);
    if (!hold.isMoney) return;
    this.parts.live.remove(hold);
    const { request } = hold;
    const second = Math.floor(hold.admittedAt / 1000);
    const off = this.isCounted ? { requestsOff, tokensOff } : { requestsOff: 0, tokensOff: 0 };
    this.till.settle({ request, held: true, cost: amountOf(cost), ownKey, second, ...off }, Date.now());
  }

  look(): void {
    this.ahead.look(this.isOver);
  }

  /** What nobody here has used for so long is for everybody again; true when nothing is left. */
  async giveBack(idle: number): Promise<boolean> {
    const now = Date.now();
    const { epoch, slots } = this.till.view(now);
    // While Redis is away others spend from it too, and so does who opens the key anew.
    const taken = this.till.take(epoch, ALL, idle, now);
    const given = slots.flatMap((slot, i) => {
      const limit = SLOTS[i] === 'credits' || !slot ? null : BigInt(slot.limit);
      return slot ? [{ id: slot.id, limit, returned: taken?.[i] ?? 0 }] : [];
    });
    await this.parts.refills.giveBack(this.parts.mine, this.key, epoch, given);
    return this.ahead.isDone && (taken !== null || epoch === 0);
  }

  private askFor({ requestId: request, amount, tokens, ownKey }: LimitAsk, now: number): ReserveAsk {
    const { key, isCounted } = this;
    this.buckets = bucketsAt(key, now).all;
    return {
      ...{ request, run: this.parts.mine.runOf(), revision: key.revision, buckets: this.buckets },
      charged: key.prepaid && !ownKey ? ALL : ALL_BUT_CREDITS,
      ...{ amount: amountOf(amount), tokens: tokensOf(tokens) },
      ...{ rpm: isCounted ? COUNTED : null, tpm: null, parallel: null, memo: '' },
    };
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

  /** One at a time, and nobody waits for it. */
  private refill(ask: ReserveAsk, now: number): void {
    if (this.refilling || now < this.restsUntil || !hasSpendLimit(this.key)) return;
    this.refilling = true;
    const { buckets } = this;
    const facts = this.till.look(now);
    const isThere = (bucket: Bucket | null, i: number) => !bucket || (facts.slots[i]?.window ?? -1) >= bucket.window;
    const isOpen = facts.epoch > 0 && facts.leaseUntil > now && buckets.every(isThere);
    const why = isOpen ? ('short' as const) : ('open' as const);
    const known = { ...facts, outcome: 'refill' as const, why, slot: -1, returned: NOTHING, claims: [] };
    this.parts.refills
      .fetch(this.parts.mine, this.key, { ask, buckets }, known)
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
