import { readBucketId } from '#domain/budget/buckets';
import type { TillFacts } from '#domain/budget/reservation';
import { SLOTS } from '#domain/budget/reservation';
import type { Nanos } from '#domain/money';
import type { Asking, LimitedKey } from './asking.js';
import type { Tills } from './tills.js';

/** What a request counts towards: decided when it was let in, and never again. */
export interface Towards {
  readonly hold: { readonly till: string; readonly epoch: number } | null;
  readonly spend_epoch?: number;
  readonly window_start?: string | null;
  readonly project_spend_epoch?: number;
  readonly project_window_start?: string | null;
}

interface Settles {
  settle(hold: Hold, cost: Nanos, tokens: number | null, ownKey: boolean): void;
}

/** What one request has taken, until it is known what it came to. */
export class Hold {
  /** Told once, before others may count the request as dead: it has to stop. */
  onLost?: () => void;
  readonly epoch: number;
  /** By our clock: until then nobody counts it as dead. */
  safeUntil: number;
  readonly admittedAt = Date.now();
  private ended = false;

  constructor(
    private readonly limits: Settles,
    readonly tills: Tills,
    readonly key: LimitedKey,
    readonly asking: Asking,
    readonly second: number,
    readonly facts: TillFacts,
    life: number,
  ) {
    this.epoch = facts.epoch;
    const lease = facts.leaseUntil - facts.now;
    this.safeUntil = Date.now() + life + Math.min(0, lease);
  }

  get request(): string {
    return this.asking.ask.request;
  }

  /** Whether there is something in the till that has to be settled, however little of it was used. */
  get isKept(): boolean {
    return this.isMoney || this.asking.ask.parallel !== null;
  }

  get isMoney(): boolean {
    return this.buckets.length > 0;
  }

  /** What it took money from. */
  get buckets(): readonly string[] {
    const { charged, buckets } = this.asking.ask;
    if (buckets.every((bucket) => bucket === null)) return [];
    return this.facts.slots.flatMap((slot, i) => (slot && charged[i] ? [slot.id] : []));
  }

  get towards(): Towards {
    if (!this.isMoney) return { hold: null };
    const [key, keyWindow, project, projectWindow] = SLOTS.map((_, i) => {
      const slot = this.facts.slots[i];
      return slot ? readBucketId(slot.id) : null;
    });
    return {
      hold: { till: this.tills.name, epoch: this.epoch },
      ...(keyWindow ? { spend_epoch: keyWindow.spendEpoch, window_start: keyWindow.windowStart } : {}),
      ...(key ? { spend_epoch: key.spendEpoch } : {}),
      ...(projectWindow
        ? { project_spend_epoch: projectWindow.spendEpoch, project_window_start: projectWindow.windowStart }
        : {}),
      ...(project ? { project_spend_epoch: project.spendEpoch } : {}),
    };
  }

  /** It came to this; the rest goes back, of credits all where it went with the project's own provider key. The second time nothing happens. */
  settle(cost: Nanos, tokens: number, ownKey = false): void {
    if (this.ended) return;
    this.ended = true;
    this.limits.settle(this, cost, tokens, ownKey);
  }

  /** It was never sent: as if it had not been asked for. */
  void(): void {
    if (this.ended) return;
    this.ended = true;
    this.limits.settle(this, 0n, null, false);
  }
}
