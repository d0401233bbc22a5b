import type { UsableKey } from '#contracts/keys';
import { type Bucket, bucketsOf, hasSpendLimit } from '#domain/budget/buckets';
import type { ReserveAsk } from '#domain/budget/reservation';
import type { Nanos } from '#domain/money';
import { shareOf } from '#domain/rate/share';
import type { Tills } from './tills.js';

/** What of a key decides how much it may use. */
export type LimitedKey = Pick<
  UsableKey,
  | 'key_id'
  | 'project_id'
  | 'organization_id'
  | 'currency'
  | 'revision'
  | 'rate_limit'
  | 'token_limit'
  | 'max_parallel'
  | 'budget'
  | 'recurring_limit'
  | 'recurring_since'
  | 'spend_epoch'
  | 'project_budget'
  | 'project_recurring_limit'
  | 'project_recurring_since'
  | 'project_spend_epoch'
  | 'prepaid'
>;

/** One request that wants to be let in. */
export interface LimitAsk {
  readonly key: LimitedKey;
  readonly requestId: string;
  readonly at: number;
  /** The most it can cost. */
  readonly amount: Nanos;
  /** What it will most likely take. */
  readonly tokens: number;
  /** Sent with the project's own provider key: credits are not for it. */
  readonly ownKey: boolean;
  /** What is told of it should this process die; null where that is nothing. */
  readonly memo: (() => string) | null;
  readonly leavesDead?: boolean;
  /** Its hold is somebody else's to look after, and lives so long without it; left out, this process does. */
  readonly life?: number;
}

export interface Asking {
  readonly ask: ReserveAsk;
  readonly buckets: readonly (Bucket | null)[];
}

/** No till counts further. What costs more fits into nothing. */
const MOST = 2 ** 52;
/** Nothing a model could do. Whatever a request asks for, the sum of all of them stays a number that Redis can count. */
const MOST_TOKENS = 10 ** 12;

interface Buckets {
  readonly all: readonly (Bucket | null)[];
  /** In which time they are these. */
  readonly from: number;
  readonly until: number;
}

const known = new WeakMap<LimitedKey, Buckets>();

/** The same for every request of a key until one of its windows ends. */
export function bucketsAt(key: LimitedKey, at: number): Buckets {
  const met = known.get(key);
  if (met && met.from <= at && at < met.until) return met;
  const all = bucketsOf(key, at);
  const from = Math.max(...all.map((bucket) => bucket?.window ?? 0));
  const until = Math.min(...all.map((bucket) => bucket?.ends || Number.POSITIVE_INFINITY));
  const buckets = { all, from, until };
  known.set(key, buckets);
  return buckets;
}

export function amountOf(amount: Nanos): number {
  return amount > BigInt(MOST) ? MOST : Number(amount);
}

export function tokensOf(tokens: number): number {
  return Math.min(tokens, MOST_TOKENS);
}

export function isLimited(key: LimitedKey): boolean {
  const rates = [key.rate_limit, key.token_limit, key.max_parallel];
  return rates.some((rate) => rate !== null) || hasSpendLimit(key);
}

/** The same request for one till or another: where gateways cannot count together, each has its share of the rates. */
export function askingOf(request: LimitAsk, tills: Tills, peers: readonly string[] | null): Asking {
  const { key, amount, ownKey } = request;
  const { all: buckets } = bucketsAt(key, request.at);
  const share = (limit: number | null) => (limit === null || !peers ? limit : shareOf(limit, tills.name, peers));
  return {
    buckets,
    ask: {
      request: request.requestId,
      run: tills.runOf(key.key_id),
      revision: key.revision,
      buckets,
      charged: [true, true, true, true, key.prepaid && !ownKey],
      amount: amountOf(amount),
      tokens: tokensOf(request.tokens),
      rpm: share(key.rate_limit),
      tpm: share(key.token_limit),
      parallel: share(key.max_parallel),
      memo: request.memo?.() ?? '',
      leavesDead: request.leavesDead,
      life: request.life,
    },
  };
}
