import type { Bucket } from '#domain/budget/buckets';
import type { TillFacts } from '#domain/budget/reservation';
import { formatMoney } from '#domain/money';
import type { LimitedKey } from './asking.js';
import { moneyOf, SPEND_LIMITS } from './standing.js';

type Rates = Pick<LimitedKey, 'rate_limit' | 'token_limit'>;

/** What a service is told of the rates of a key; null where it has none. */
export function toldRates(facts: TillFacts, { rate_limit, token_limit }: Rates, retryAfterMs: number | null) {
  if (rate_limit === null && token_limit === null) return null;
  return {
    requests: rateOf(rate_limit, facts.requests),
    tokens: rateOf(token_limit, facts.tokens),
    retry_after_ms: retryAfterMs,
  };
}

/** The spend limit that has the least left; null where nothing limits the spending. */
export function toldMoney(facts: TillFacts, buckets: readonly (Bucket | null)[], currency: string) {
  const told = facts.slots.flatMap((slot, i) => {
    const bucket = buckets[i];
    if (!slot || !bucket) return [];
    const { limit, used, reserved, remaining } = moneyOf(slot);
    return [{ name: SPEND_LIMITS[i] as string, ends: bucket.ends, limit, used, reserved, remaining }];
  });
  const [first, ...others] = told;
  if (!first) return null;
  const tightest = others.reduce((least, each) => (each.remaining < least.remaining ? each : least), first);
  return {
    limit: tightest.name,
    limit_value: formatMoney(tightest.limit),
    used: formatMoney(tightest.used),
    reserved: formatMoney(tightest.reserved),
    remaining: formatMoney(tightest.remaining),
    currency,
    resets_at: tightest.ends > 0 ? new Date(tightest.ends).toISOString() : null,
  };
}

function rateOf(limit: number | null, used: number) {
  return limit === null ? null : { limit_value: limit, used, remaining: Math.max(0, limit - used) };
}
