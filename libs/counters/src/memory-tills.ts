import type { FillAsk, ReserveAsk, Reserved, SettleAsk, TillFacts } from '#domain/budget/reservation';
import { Till } from '#domain/budget/till';
import type { Extended, Tills } from './tills.js';

/** More keys at once than this one process can serve: further ones are an outage. */
const MOST = 50_000;
const IDLE_MILLISECONDS = 120_000;

/** The tills of this process itself, for as long as Redis is away. */
export class MemoryTills implements Tills {
  private readonly tills = new Map<string, { readonly till: Till; usedAt: number }>();

  constructor(
    readonly name: string,
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
    return this.of(key).reserve(ask, this.clock());
  }

  async settle(key: string, ask: SettleAsk): Promise<boolean> {
    return this.tills.get(key)?.till.settle(ask, this.clock()) ?? false;
  }

  async extend(key: string, requests: readonly string[], life?: number): Promise<Extended> {
    const now = this.clock();
    const till = this.of(key);
    const known = till.extend(requests, now, life);
    const { epoch, leaseUntil } = till.look(now);
    return { now, epoch, leaseUntil, unknown: requests.filter((request) => !known.includes(request)) };
  }

  async fill(key: string, ask: FillAsk): Promise<boolean> {
    return this.of(key).fill(ask, this.clock());
  }

  async take(key: string, epoch: number, slots: readonly boolean[], idle: number): Promise<number[] | null> {
    return this.tills.get(key)?.till.take(epoch, slots, idle, this.clock()) ?? null;
  }

  async look(key: string): Promise<TillFacts> {
    return this.of(key).look(this.clock());
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
  of(key: string): Till {
    const known = this.tills.get(key);
    if (known) {
      known.usedAt = this.clock();
      return known.till;
    }
    if (this.tills.size >= MOST) throw new Error('there is no room for another till');
    const till = new Till();
    this.tills.set(key, { till, usedAt: this.clock() });
    return till;
  }
}
