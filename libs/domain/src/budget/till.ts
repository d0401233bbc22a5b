import { inAdvance } from '../rate/allotment.js';
import { Rates } from '../rate/rates.js';
import type { MinuteCells } from '../rate/sliding-minute.js';
import { Holds } from './holds.js';
import { type Leases, USUAL_LEASES } from './leases.js';
import {
  type Ahead,
  type AheadAsk,
  type Claimed,
  type FillAsk,
  type FilledSlot,
  placeOf,
  REFILL_LOCK,
  REVISION_PATIENCE,
  type ReserveAsk,
  type Reserved,
  type SettleAsk,
  SLOTS,
  type TillFacts,
} from './reservation.js';

const CREDITS = SLOTS.indexOf('credits');

interface Slot {
  id: string;
  window: number;
  slice: number;
  held: number;
  /** Counts the buckets that were in this slot: a hold gives back only to the one it was taken from. */
  generation: number;
  grant: number;
  limit: string;
  free: string;
  outside: string;
}

interface Taken {
  /** In which second it was counted. */
  readonly second: number;
  /** It is time to ask for more. */
  readonly low: boolean;
}

/**
 * The till of one key: what is left of its slices, what its requests hold, and its rates. Everything it is asked, it does
 * whole or not at all. It never makes money: slices grow by what the bank grants and by what holds give back, and by nothing else.
 */
export class Till {
  private epoch = 0;
  private run = '';
  private leaseUntil = 0;
  private revision = 0;
  private revisedAt = 0;
  private lockedUntil = 0;
  private filledAt = 0;
  private usedAt = 0;
  private generations = 0;
  private readonly slots: (Slot | null)[] = SLOTS.map(() => null);
  private readonly holds: Holds;
  private readonly rates = new Rates();

  constructor(leases: Leases = USUAL_LEASES) {
    this.holds = new Holds(leases);
  }

  reserve(ask: ReserveAsk, now: number): Reserved {
    const claims = ask.leavesDead ? [] : this.holds.claim(now);
    const limited = this.limitedBy(ask, now);
    if (limited) return { ...this.look(now), outcome: 'limited', ...limited, claims };
    const money = ask.buckets.some((bucket) => bucket !== null);
    const charged = money ? this.chargedBy(ask) : [];
    if (money) {
      const refill = this.mustRefill(ask, now);
      if (refill) return this.refill(refill, -1, claims, now);
      const short = charged.find(({ slice }) => slice < ask.amount);
      if (short) return this.refill('short', this.slots.indexOf(short), claims, now);
    }
    const taken = this.hold(ask, charged, money, now);
    return { ...this.look(now), outcome: 'held', ...taken, claims };
  }

  /** `reserve` for who needs to know no more than that it fits; null where it does not, or where there is more to be done. */
  admit(ask: ReserveAsk, now: number): Taken | null {
    if (this.holds.isAnyDead(now) || this.limitedBy(ask, now)) return null;
    const money = ask.buckets.some((bucket) => bucket !== null);
    if (money && this.mustRefill(ask, now)) return null;
    const charged = money ? this.chargedBy(ask) : [];
    return charged.every(({ slice }) => slice >= ask.amount) ? this.hold(ask, charged, money, now) : null;
  }

  /** Its minute begins anew, with what was admitted before as its new owner knows it. */
  beginMinute({ requests, tokens }: MinuteCells, now: number): void {
    this.rates.begin({ requests, tokens }, now);
  }

  /** False where nothing is known of the hold: settled before, or lost with its till. */
  settle({ request, held, cost, ownKey, second, requestsOff, tokensOff }: SettleAsk, now: number): boolean {
    const hold = this.holds.get(request);
    if (held && !hold) return false;
    this.rates.correct({ second, requests: requestsOff, tokens: tokensOff }, now);
    if (!held || !hold) return true;
    this.holds.delete(request);
    if (hold.epoch !== this.epoch) return true;
    for (const [i, slot] of this.slots.entries()) {
      if (!slot || hold.generations[i] !== slot.generation) continue;
      slot.held -= hold.amount;
      // Below nothing where the provider billed more than it was allowed to: that blocks what follows.
      slot.slice += hold.amount - (ownKey && i === CREDITS ? 0 : cost);
    }
    return true;
  }

  /** Those that are known here live on; of the others nothing is known. */
  extend(requests: readonly string[], now: number, life?: number): string[] {
    return this.holds.extend(requests, now, life);
  }

  /** False where the grant is for a till that is no longer there: it is left to the bank to take it back. */
  fill(ask: FillAsk, now: number): boolean {
    if (ask.epoch < this.epoch || (ask.epoch === ask.asked && this.epoch !== ask.asked)) return false;
    if (ask.epoch > this.epoch) this.open(ask);
    this.leaseUntil = Math.max(this.leaseUntil, ask.leaseUntil);
    this.lockedUntil = 0;
    const behind = ask.revision < this.revision && !this.isPatienceOver(now);
    const revised = ask.revision !== this.revision && !behind;
    if (revised) {
      this.revision = ask.revision;
      this.revisedAt = now;
    }
    for (const [i, filled] of ask.slots.entries()) {
      if (filled) this.fillSlot(i, filled, behind, revised, now);
      else if (revised) this.slots[i] = null;
    }
    return true;
  }

  /** Lets one gateway admit by itself: counts requests and tokens in advance, and keeps places for it. */
  ahead({ rpm, tpm, parallel, requests, tokens, holder, has, places, corrections }: AheadAsk, now: number): Ahead {
    for (const correction of corrections) this.rates.correct(correction, now);
    const counted = this.rates.countAhead({ rpm, tpm }, { requests, tokens }, now);
    const more = Math.max(0, places - has);
    const kept = Math.min(has, places) + inAdvance(parallel, this.holds.size, more);
    const generations = SLOTS.map(() => 0);
    for (let i = 0; i < kept; i++)
      this.holds.add(placeOf(holder, i), { epoch: this.epoch, amount: 0, generations, memo: '' }, now);
    for (let i = kept; i < has; i++) this.holds.delete(placeOf(holder, i));
    return { now, ...counted, places: kept, used: this.rates.at(now) };
  }

  /** Gives slices back that nobody has used for so long; null where somebody has, or in another epoch. */
  take(epoch: number, slots: readonly boolean[], idle: number, now: number): number[] | null {
    if (this.epoch === 0 || epoch !== this.epoch || now - this.usedAt < idle) return null;
    return this.slots.map((slot, i) => (slot && slots[i] ? takeAll(slot) : 0));
  }

  look(now: number): TillFacts {
    const slots = this.slots.map((slot) => {
      if (!slot) return null;
      const { generation: _, ...facts } = slot;
      return facts;
    });
    return { ...this.view(now), slots };
  }

  /** `look` without a copy: true until something else is asked. */
  view(now: number): TillFacts {
    const { epoch, leaseUntil, filledAt, usedAt, slots, holds } = this;
    return { now, epoch, leaseUntil, filledAt, usedAt, slots, ...this.rates.at(now), live: holds.size };
  }

  private hold(ask: ReserveAsk, charged: readonly Slot[], money: boolean, now: number): Taken {
    const { request, amount, memo, parallel, life } = ask;
    // Only what was let in is use: who is refused and insists keeps nothing from others.
    if (money) this.usedAt = now;
    let low = false;
    for (const slot of charged) {
      slot.slice -= amount;
      slot.held += amount;
      low ||= slot.slice * 2 < slot.grant;
    }
    const second = this.count(ask, now);
    if (money || parallel !== null) {
      const generations = this.slots.map((slot) => (slot && charged.includes(slot) ? slot.generation : 0));
      this.holds.add(request, { epoch: this.epoch, amount, generations, memo }, now, life);
    }
    low &&= this.lockedUntil <= now;
    if (low) this.lockedUntil = now + REFILL_LOCK;
    return { second, low };
  }

  private limitedBy({ rpm, tpm, parallel, tokens }: ReserveAsk, now: number) {
    const limited = this.rates.limitedBy({ rpm, tpm }, tokens, now);
    if (limited) return limited;
    return parallel !== null && this.holds.size >= parallel ? { by: 'parallel' as const, retryAt: now + 1000 } : null;
  }

  private chargedBy({ charged }: ReserveAsk): Slot[] {
    return this.slots.filter((slot, i): slot is Slot => slot !== null && charged[i] === true);
  }

  private count({ rpm, tpm, tokens }: ReserveAsk, now: number): number {
    return rpm === null && tpm === null ? Math.floor(now / 1000) : this.rates.count(1, tokens, now);
  }

  private mustRefill({ run, revision, buckets }: ReserveAsk, now: number): 'open' | 'changed' | null {
    if (this.epoch === 0 || this.run !== run || this.leaseUntil <= now) return 'open';
    if (revision > this.revision) return 'changed';
    if (revision < this.revision) return this.isPatienceOver(now) ? 'changed' : null;
    for (const [i, bucket] of buckets.entries()) {
      const slot = this.slots[i];
      // A clock that is behind does not reopen a window that is over: what it asks for counts to the one that has begun.
      if (bucket && (!slot || slot.window < bucket.window)) return 'open';
    }
    return null;
  }

  private isPatienceOver(now: number): boolean {
    return now - this.revisedAt > REVISION_PATIENCE;
  }

  private refill(why: 'open' | 'changed' | 'short', slot: number, claims: readonly Claimed[], now: number): Reserved {
    const returned = this.slots.map((each) => (each && why === 'changed' ? takeAll(each) : 0));
    return { ...this.look(now), outcome: 'refill', why, slot, returned, claims };
  }

  /** What was in it belongs to an epoch that is over. */
  private open({ epoch, run }: FillAsk): void {
    this.epoch = epoch;
    this.run = run;
    this.leaseUntil = 0;
    for (const slot of this.slots) if (slot) Object.assign(slot, { slice: 0, held: 0, grant: 0 });
  }

  private fillSlot(i: number, filled: FilledSlot, behind: boolean, revised: boolean, now: number): void {
    const { id, window, granted, limit, free, outside } = filled;
    let slot = this.slots[i];
    if (slot?.id !== id) {
      // For a bucket that is over: what was granted to it is left to the bank.
      if (behind || (slot && slot.window > window && !revised)) return;
      slot = { id, window, slice: 0, held: 0, generation: ++this.generations, grant: 0, limit, free, outside };
      this.slots[i] = slot;
    }
    slot.slice += granted;
    if (granted > 0) {
      slot.grant = granted;
      this.filledAt = now;
    }
    Object.assign(slot, { limit, free, outside });
  }
}

/** What was spent beyond the slice stays: it is not for the bank to take back. How fast it was spent is not known of a slice that was taken. */
function takeAll(slot: Slot): number {
  const taken = Math.max(0, slot.slice);
  slot.slice -= taken;
  slot.grant = 0;
  return taken;
}
