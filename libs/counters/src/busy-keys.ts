import type { TillFacts } from '#domain/budget/reservation';
import { amountOf, bucketsAt, type LimitAsk, type LimitedKey } from './asking.js';
import { BusyKey, type BusyParts } from './busy-key.js';
import type { Hold } from './hold.js';

/** So many requests within a second, and it is worth the trouble. */
const BUSY_REQUESTS = 20;
/** A limit that is not many times what a second takes is counted one by one: there is little to win, and much to get wrong. */
const RATES_WORTH = 60 * BUSY_REQUESTS;
const PLACES_WORTH = 64;
const CALLS_WORTH = 256n;
const LOOK_MILLISECONDS = 250;
const IDLE_MILLISECONDS = 2000;
const MOST = 10_000;
/** A key that is near the end of a limit is not tried again at once. */
const REST_MILLISECONDS = 10_000;

/** The keys that this gateway sees so often that it lets them in by itself. */
export class BusyKeys {
  private readonly busy = new Map<string, BusyKey>();
  private readonly over = new Set<BusyKey>();
  /** Of the second that passes. */
  private counts = new Map<string, number>();
  private countedIn = 0;
  private readonly resting = new Map<string, number>();
  private serial = 0;
  private givingBack?: Promise<unknown>;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly parts: BusyParts,
    private readonly instance: string,
  ) {
    this.timer = setInterval(() => this.look(), LOOK_MILLISECONDS);
  }

  get size(): number {
    return this.busy.size;
  }

  admit(request: LimitAsk): { readonly hold: Hold; readonly facts: TillFacts } | null {
    const known = this.busy.get(request.key.key_id);
    if (known) return known.admit(request);
    const count = this.count(request.key.key_id);
    if (count === BUSY_REQUESTS && this.busy.size < MOST && isWorthIt(request)) this.open(request, count);
    return null;
  }

  /** Nothing is let in any more, and what is left goes back. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const each of this.busy.values()) this.retire(each);
    await Promise.allSettled([...this.over].map((each) => each.giveBack(0)));
  }

  private count(keyId: string): number {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.countedIn) {
      this.counts = new Map();
      this.countedIn = second;
    }
    const count = (this.counts.get(keyId) ?? 0) + 1;
    this.counts.set(keyId, count);
    return count;
  }

  private open(request: LimitAsk, perSecond: number): void {
    if ((this.resting.get(request.key.key_id) ?? 0) > Date.now()) return;
    const holder = `${this.instance}.${++this.serial}`;
    this.busy.set(request.key.key_id, new BusyKey(this.parts, holder, request, perSecond));
  }

  private look(): void {
    const idleSince = performance.now() - IDLE_MILLISECONDS;
    for (const each of this.busy.values()) {
      each.look();
      if (each.isNearItsEnd) this.resting.set(each.key.key_id, Date.now() + REST_MILLISECONDS);
      if (each.isOver || each.usedAt < idleSince) this.retire(each);
    }
    for (const [keyId, until] of this.resting) if (until < Date.now()) this.resting.delete(keyId);
    for (const each of this.over) each.look();
    this.givingBack ??= this.giveBack().finally(() => {
      this.givingBack = undefined;
    });
  }

  private retire(each: BusyKey): void {
    each.isOver = true;
    if (this.busy.get(each.key.key_id) === each) this.busy.delete(each.key.key_id);
    this.over.add(each);
  }

  private async giveBack(): Promise<void> {
    for (const each of [...this.over]) {
      // What could not be told goes back with the end of the till's lease.
      const isDone = await each.giveBack(LOOK_MILLISECONDS / 2).catch(() => false);
      if (isDone) this.over.delete(each);
    }
  }
}

function isWorthIt({ key, at, amount }: LimitAsk): boolean {
  const { rate_limit, token_limit, max_parallel } = key;
  if ([rate_limit, token_limit].some((limit) => limit !== null && limit < RATES_WORTH)) return false;
  if (max_parallel !== null && max_parallel < PLACES_WORTH) return false;
  return isRich(key, at, BigInt(amountOf(amount)));
}

function isRich(key: LimitedKey, at: number, amount: bigint): boolean {
  return bucketsAt(key, at).all.every(
    (bucket) => !bucket || bucket.limit === null || bucket.limit >= amount * CALLS_WORTH,
  );
}
