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

/** Where a request's money comes from, and what it counts towards. */
export interface Charged {
  readonly buckets: readonly string[];
  readonly towards: Towards;
}

const NOWHERE: Charged = { buckets: [], towards: { hold: null } };

export function chargedTo(till: string, { ask }: Asking, { epoch, slots }: TillFacts): Charged {
  if (ask.buckets.every((bucket) => bucket === null)) return NOWHERE;
  const buckets = slots.flatMap((slot, i) => (slot && ask.charged[i] ? [slot.id] : []));
  if (buckets.length === 0) return NOWHERE;
  const [key, keyWindow, project, projectWindow] = SLOTS.map((_, i) => {
    const slot = slots[i];
    return slot ? readBucketId(slot.id) : null;
  });
  const towards = {
    hold: { till, epoch },
    ...(keyWindow ? { spend_epoch: keyWindow.spendEpoch, window_start: keyWindow.windowStart } : {}),
    ...(key ? { spend_epoch: key.spendEpoch } : {}),
    ...(projectWindow
      ? { project_spend_epoch: projectWindow.spendEpoch, project_window_start: projectWindow.windowStart }
      : {}),
    ...(project ? { project_spend_epoch: project.spendEpoch } : {}),
  };
  return { buckets, towards };
}

interface Taken {
  readonly tills: Tills;
  readonly key: LimitedKey;
  readonly asking: Asking;
  /** In which it was counted. */
  readonly second: number;
  readonly facts: Pick<TillFacts, 'now' | 'epoch' | 'leaseUntil'>;
  readonly from: Charged;
  /** How long it lives without a sign of us. */
  readonly life: number;
}

/** What one request has taken, until it is known what it came to. */
export class Hold {
  /** Told once, before others may count the request as dead: it has to stop. */
  onLost?: () => void;
  readonly tills: Tills;
  readonly key: LimitedKey;
  readonly asking: Asking;
  readonly second: number;
  readonly epoch: number;
  readonly buckets: readonly string[];
  readonly towards: Towards;
  /** By our clock: until then nobody counts it as dead. */
  safeUntil: number;
  readonly admittedAt = Date.now();
  private ended = false;

  constructor(
    private readonly limits: Settles,
    { tills, key, asking, second, facts, from, life }: Taken,
  ) {
    this.tills = tills;
    this.key = key;
    this.asking = asking;
    this.second = second;
    this.epoch = facts.epoch;
    this.buckets = from.buckets;
    this.towards = from.towards;
    this.safeUntil = this.admittedAt + life + Math.min(0, facts.leaseUntil - facts.now);
  }

  get request(): string {
    return this.asking.ask.request;
  }

  /** Whether there is something in the till that has to be settled, however little of it was used. */
  get isKept(): boolean {
    return this.isMoney || this.asking.ask.parallel !== null;
  }

  /** Whether it took money from somewhere. */
  get isMoney(): boolean {
    return this.buckets.length > 0;
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
