import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { UsageEvent } from '#contracts/usage';
import { hasSpendLimit } from '#domain/budget/buckets';
import { type Window, windowAt } from '#domain/budget/window';
import { NANOS_PER_UNIT, type Nanos, parseMoney } from '#domain/money';
import { costOf, type Price } from '#domain/price/cost';
import { priceAt } from '#domain/price/price-at';
import type { Bill } from '#domain/usage/bill';
import type { Route } from '#policy/known-models';
import type { Profile } from '#runtime/profiles';

type Charge = Pick<
  UsageEvent,
  | 'input_tokens'
  | 'cached_input_tokens'
  | 'cache_write_tokens'
  | 'output_tokens'
  | 'reasoning_tokens'
  | 'estimated'
  | 'unpriced'
  | 'cost_nanos'
  | 'currency'
  | 'spend_epoch'
  | 'window_start'
  | 'project_spend_epoch'
  | 'project_window_start'
  | 'prepaid'
>;

/** What a route costs at a moment, and what a dollar is in the key's currency. */
export interface Tariff {
  readonly price: Price | null;
  readonly rate: Nanos;
}

export function tariffOf(key: UsableKey, route: Route, profile: Profile | undefined, at: number): Tariff {
  const rate = key.currency === route.currency ? NANOS_PER_UNIT : rateOf(profile, key);
  return { price: priceFor(key, route, at), rate };
}

/**
 * How a call will be charged: in the currency of its key, to the window in which it is admitted. Settled before anything
 * is sent, so that there is never an answer that cannot be put on the bill.
 */
export function chargeFor(key: UsableKey, { price, rate }: Tariff, admittedAt: number): (bill: Bill) => Charge {
  const towards = towardsOf(key, admittedAt);
  return ({ usage, estimated }) => ({
    input_tokens: usage.input,
    cached_input_tokens: usage.cachedInput,
    cache_write_tokens: usage.cacheWrite,
    output_tokens: usage.output,
    reasoning_tokens: usage.reasoning,
    estimated,
    unpriced: price === null,
    ...towards,
    cost_nanos: String(price ? costOf(usage, price, rate) : 0n),
  });
}

/** What nobody knows the price of is never taken from a limit as if it were free: only who has none may use it. */
function priceFor(key: UsableKey, route: Route, at: number): Price | null {
  const price = priceAt(route.prices, at);
  if (price || !hasSpendLimit(key)) return price;
  throw new Refused('model_unpriced', { param: 'model' });
}

/** Prices are in dollars. */
function rateOf(profile: Profile | undefined, key: UsableKey): Nanos {
  const rate = profile && parseMoney(profile.usdRate);
  if (rate) return rate;
  throw new Refused('service_unavailable', {
    cause: new Error(`there is no rate for the profile ${key.profile} here`),
  });
}

type Towards = Pick<
  Charge,
  'currency' | 'spend_epoch' | 'window_start' | 'project_spend_epoch' | 'project_window_start' | 'prepaid'
>;

/** The same for every request of a key until one of its windows ends. */
const known = new WeakMap<UsableKey, { readonly from: number; readonly until: number; readonly towards: Towards }>();

function towardsOf(key: UsableKey, at: number): Towards {
  const met = known.get(key);
  if (met && met.from <= at && at < met.until) return met.towards;
  const windows = [
    windowOf(key.recurring_limit, key.recurring_since, at),
    windowOf(key.project_recurring_limit, key.project_recurring_since, at),
  ];
  const [start, projectStart] = windows.map((window) => window && new Date(window.start).toISOString());
  const towards = {
    currency: key.currency,
    spend_epoch: key.spend_epoch,
    window_start: start ?? null,
    project_spend_epoch: key.project_spend_epoch,
    project_window_start: projectStart ?? null,
    prepaid: key.prepaid,
  };
  const from = Math.max(...windows.map((window) => window?.start ?? 0));
  const until = Math.min(...windows.map((window) => window?.end ?? Number.POSITIVE_INFINITY));
  known.set(key, { from, until, towards });
  return towards;
}

function windowOf(limit: UsableKey['recurring_limit'], anchor: number | null, at: number): Window | null {
  if (limit === null || anchor === null) return null;
  const { every, unit, align } = limit;
  return windowAt({ every, unit, align, anchor }, at);
}
