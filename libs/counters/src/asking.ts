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
  /** What is told of it should this process die. */
  readonly memo: string;
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

export function isLimited(key: LimitedKey): boolean {
  const rates = [key.rate_limit, key.token_limit, key.max_parallel];
  return rates.some((rate) => rate !== null) || hasSpendLimit(key);
}

/** The same request for one till or another: where gateways cannot count together, each has its share of the rates. */
export function askingOf(request: LimitAsk, tills: Tills, peers: readonly string[] | null): Asking {
  const { key, amount, ownKey } = request;
  const buckets = bucketsOf(key, request.at);
  const share = (limit: number | null) => (limit === null || !peers ? limit : shareOf(limit, tills.name, peers));
  return {
    buckets,
    ask: {
      request: request.requestId,
      run: tills.runOf(key.key_id),
      revision: key.revision,
      buckets,
      charged: [true, true, true, true, key.prepaid && !ownKey],
      amount: amount > BigInt(MOST) ? MOST : Number(amount),
      tokens: Math.min(request.tokens, MOST_TOKENS),
      rpm: share(key.rate_limit),
      tpm: share(key.token_limit),
      parallel: share(key.max_parallel),
      memo: request.memo,
      leavesDead: request.leavesDead,
      life: request.life,
    },
  };
}
