import type { Leases } from '#domain/budget/leases';
import type { FillAsk, ReserveAsk, Reserved, SettleAsk, TillFacts } from '#domain/budget/reservation';
import { Till } from '#domain/budget/till';
import type { RateMemory } from './rate-memory.js';
import type { Extended, Tills } from './tills.js';

/** More keys at once than this one process can serve: further ones are an outage. */
const MOST = 50_000;
const IDLE_MILLISECONDS = 120_000;

interface Kept {
  readonly till: Till;
  usedAt: number;
  /** From what its minute was carried on. */
  carrying: string;
}

/** What is known of rates beside these tills: `RateMemory`. */
type Carried = Pick<RateMemory, 'carrying' | 'carried' | 'admitted' | 'corrected'>;

/** The tills of this process itself, for as long as Redis is away. */
export class MemoryTills implements Tills {
  private readonly tills = new Map<string, Kept>();

  constructor(
    readonly name: string,
    private readonly leases: Leases,
    private readonly rates: Carried,
    private readonly clock: () => number = Date.now,
  ) {}

  /** It lives as long as the process does, and is named like it. */
  runOf(): string {
    return this.name;
  }

  get size(): number {
    return this.tills.size;
  }

  async reserve(key: string, ask: ReserveAsk): Promise<Reserved> {
    const now = this.clock();
    const isRated = ask.rpm !== null || ask.tpm !== null;
    const kept = isRated ? this.carriedOn(key) : this.of(key);
    const reserved = kept.till.reserve(ask, now);
    if (isRated && reserved.outcome === 'held') this.rates.admitted(key, ask.tokens, now);
    return reserved;
  }

  async settle(key: string, ask: SettleAsk): Promise<boolean> {
    const now = this.clock();
    const isSettled = this.tills.get(key)?.till.settle(ask, now) ?? false;
    if (isSettled) this.rates.corrected(key, ask.second, ask.requestsOff, ask.tokensOff, now);
    return isSettled;
  }

  async extend(key: string, requests: readonly string[], life?: number): Promise<Extended> {
    const now = this.clock();
    const { till } = this.of(key);
    const known = till.extend(requests, now, life);
    const { epoch, leaseUntil } = till.look(now);
    return { now, epoch, leaseUntil, unknown: requests.filter((request) => !known.includes(request)) };
  }

  async fill(key: string, ask: FillAsk): Promise<boolean> {
    return this.of(key).till.fill(ask, this.clock());
  }

  async take(key: string, epoch: number, slots: readonly boolean[], idle: number): Promise<number[] | null> {
    return this.tills.get(key)?.till.take(epoch, slots, idle, this.clock()) ?? null;
  }

  async look(key: string): Promise<TillFacts> {
    return this.carriedOn(key).till.look(this.clock());
  }

  /** Those that nothing is left in: what was counted is over, what was granted is given back. */
  sweep(): void {
    const now = this.clock();
    for (const [key, { till, usedAt }] of this.tills) {
      const { live, leaseUntil, slots } = till.look(now);
      // After its lease nothing can be spent from it: the bank takes back what is left.
      const isEmpty = live === 0 && (leaseUntil <= now || slots.every((slot) => slot === null || slot.slice <= 0));
      if (isEmpty && now - usedAt > IDLE_MILLISECONDS) this.tills.delete(key);
    }
  }

  /** Without a promise, for who asks often. */
  till(key: string): Till {
    return this.of(key).till;
  }

  /** After a loss of Redis its minute begins with what is known of the one that was counted together. */
  private carriedOn(key: string): Kept {
    const kept = this.of(key);
    const carrying = this.rates.carrying(key);
    if (kept.carrying === carrying) return kept;
    kept.carrying = carrying;
    kept.till.beginMinute(this.rates.carried(key), this.clock());
    return kept;
  }

  private of(key: string): Kept {
    const known = this.tills.get(key);
    if (known) {
      known.usedAt = this.clock();
      return known;
    }
    if (this.tills.size >= MOST) throw new Error('there is no room for another till');
    const kept = { till: new Till(this.leases), usedAt: this.clock(), carrying: '' };
    this.tills.set(key, kept);
    return kept;
  }
}
