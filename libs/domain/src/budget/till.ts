import { type MinuteCells, SlidingMinute } from '../rate/sliding-minute.js';
import { type Leases, USUAL_LEASES } from './leases.js';
import {
  CLAIMS_AT_ONCE,
  type Claimed,
  type FillAsk,
  type FilledSlot,
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

interface Hold {
  deadline: number;
  readonly epoch: number;
  readonly amount: number;
  /** Of each slot it was taken from; 0 for the others. */
  readonly generations: readonly number[];
  readonly memo: string;
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
  private readonly holds = new Map<string, Hold>();
  private readonly requests = new SlidingMinute();
  private readonly tokens = new SlidingMinute();

  constructor(private readonly leases: Leases = USUAL_LEASES) {}

  reserve(ask: ReserveAsk, now: number): Reserved {
    const claims = ask.leavesDead ? [] : this.claim(now);
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
    // Only what was let in is use: who is refused and insists keeps nothing from others.
    if (money) this.usedAt = now;
    for (const slot of charged) {
      slot.slice -= ask.amount;
      slot.held += ask.amount;
    }
    const second = this.count(ask, now);
    if (money || ask.parallel !== null) this.holds.set(ask.request, this.holdOf(ask, charged, now));
    const low = charged.some(({ slice, grant }) => slice * 2 < grant) && this.lockedUntil <= now;
    if (low) this.lockedUntil = now + REFILL_LOCK;
    return { ...this.look(now), outcome: 'held', second, low, claims };
  }

  /** Its minute begins anew, with what was admitted before as its new owner knows it. */
  beginMinute({ requests, tokens }: MinuteCells, now: number): void {
    this.requests.clear();
    this.requests.put(now, requests);
    this.tokens.clear();
    this.tokens.put(now, tokens);
  }

  /** False where nothing is known of the hold: settled before, or lost with its till. */
  settle({ request, held, cost, ownKey, second, requestsOff, tokensOff }: SettleAsk, now: number): boolean {
    const hold = this.holds.get(request);
    if (held && !hold) return false;
    this.requests.correct(now, second, requestsOff);
    this.tokens.correct(now, second, tokensOff);
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
  extend(requests: readonly string[], now: number, life = this.leases.hold): string[] {
    const known = requests.filter((request) => this.holds.has(request));
    for (const request of known) (this.holds.get(request) as Hold).deadline = now + life;
    return known;
  }

  /** False where the grant is for a till that is no longer there: it is left to the bank to take it back. */
  fill(ask: FillAsk, now: number): boolean {
    if (ask.epoch < this.epoch || (ask.epoch === ask.asked && this.epoch !== ask.asked)) return false;
    if (ask.epoch > this.epoch) this.open(ask);
    this.leaseUntil = Math.max(this.leaseUntil, ask.leaseUntil);
    this.lockedUntil = 0;
    this.filledAt = now;
    const behind = ask.revision < this.revision && !this.isPatienceOver(now);
    const revised = ask.revision !== this.revision && !behind;
    if (revised) {
      this.revision = ask.revision;
      this.revisedAt = now;
    }
    for (const [i, filled] of ask.slots.entries()) {
      if (filled) this.fillSlot(i, filled, behind, revised);
      else if (revised) this.slots[i] = null;
    }
    return true;
  }

  /** Gives slices back that nobody has used for so long; null where somebody has, or in another epoch. */
  take(epoch: number, slots: readonly boolean[], idle: number, now: number): number[] | null {
    if (this.epoch === 0 || epoch !== this.epoch || now - this.usedAt < idle) return null;
    return this.slots.map((slot, i) => (slot && slots[i] ? takeAll(slot) : 0));
  }

  look(now: number): TillFacts {
    return {
      now,
      epoch: this.epoch,
      leaseUntil: this.leaseUntil,
      filledAt: this.filledAt,
      slots: this.slots.map((slot) => {
        if (!slot) return null;
        const { generation: _, ...facts } = slot;
        return facts;
      }),
      requests: this.requests.at(now),
      tokens: this.tokens.at(now),
      live: this.holds.size,
    };
  }

  private claim(now: number): Claimed[] {
    const dead = [...this.holds].filter(([, { deadline }]) => deadline <= now).sort(byDeadline);
    const claims: Claimed[] = [];
    for (const [request, hold] of dead.slice(0, CLAIMS_AT_ONCE)) {
      const { epoch, amount, memo, generations } = hold;
      // It held a place and no money: there is nobody to be told.
      if (generations.every((generation) => generation === 0)) this.holds.delete(request);
      else {
        hold.deadline = now + this.leases.claim;
        claims.push({ request, epoch, amount, memo });
      }
    }
    return claims;
  }

  private limitedBy({ rpm, tpm, parallel, tokens }: ReserveAsk, now: number) {
    if (rpm !== null && this.requests.at(now) + 1 > rpm)
      return { by: 'rpm' as const, retryAt: this.requests.retryAt(now, 1, rpm) ?? 0 };
    if (tpm !== null && this.tokens.at(now) + tokens > tpm)
      return { by: 'tpm' as const, retryAt: this.tokens.retryAt(now, tokens, tpm) ?? 0 };
    if (parallel !== null && this.holds.size >= parallel) return { by: 'parallel' as const, retryAt: now + 1000 };
    return null;
  }

  private chargedBy({ charged }: ReserveAsk): Slot[] {
    return this.slots.filter((slot, i): slot is Slot => slot !== null && charged[i] === true);
  }

  private count({ rpm, tpm, tokens }: ReserveAsk, now: number): number {
    if (rpm === null && tpm === null) return Math.floor(now / 1000);
    this.tokens.add(now, tokens);
    return this.requests.add(now, 1);
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

  private holdOf({ amount, memo, life = this.leases.hold }: ReserveAsk, charged: readonly Slot[], now: number): Hold {
    const generations = this.slots.map((slot) => (slot && charged.includes(slot) ? slot.generation : 0));
    return { deadline: now + life, epoch: this.epoch, amount, generations, memo };
  }

  /** What was in it belongs to an epoch that is over. */
  private open({ epoch, run }: FillAsk): void {
    this.epoch = epoch;
    this.run = run;
    this.leaseUntil = 0;
    for (const slot of this.slots) if (slot) Object.assign(slot, { slice: 0, held: 0, grant: 0 });
  }

  private fillSlot(i: number, filled: FilledSlot, behind: boolean, revised: boolean): void {
    const { id, window, granted, limit, free, outside } = filled;
    let slot = this.slots[i];
    if (slot?.id !== id) {
      // For a bucket that is over: what was granted to it is left to the bank.
      if (behind || (slot && slot.window > window && !revised)) return;
      slot = { id, window, slice: 0, held: 0, generation: ++this.generations, grant: 0, limit, free, outside };
      this.slots[i] = slot;
    }
    slot.slice += granted;
    if (granted > 0) slot.grant = granted;
    Object.assign(slot, { limit, free, outside });
  }
}

/** What was spent beyond the slice stays: it is not for the bank to take back. */
function takeAll(slot: Slot): number {
  const taken = Math.max(0, slot.slice);
  slot.slice -= taken;
  return taken;
}

function byDeadline([a, { deadline: x }]: [string, Hold], [b, { deadline: y }]: [string, Hold]): number {
  return x - y || (a < b ? -1 : 1);
}
