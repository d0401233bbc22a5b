import type { KeyLimits } from '#contracts/admin-keys';
import type { LimitedKey } from '#counters/asking';
import type { Standing } from '#counters/limits';
import { moneyOf, SPEND_LIMITS } from '#counters/standing';
import { formatMoney } from '#domain/money';

/** Everything that limits a key, wherever it comes from, and what is left of it: the numbers its next denial would have. */
export function limitsLeft(key: LimitedKey, standing: Standing): KeyLimits {
  return { ...ratesOf(key, standing), ...moneysOf(standing) };
}

function ratesOf(
  { rate_limit, token_limit, max_parallel }: LimitedKey,
  { facts }: Standing,
): Pick<KeyLimits, 'rate_limit' | 'token_limit' | 'max_parallel'> {
  return {
    rate_limit: rate_limit === null ? null : countOf(rate_limit, facts.requests, 0),
    token_limit: token_limit === null ? null : countOf(token_limit, facts.tokens, 0),
    max_parallel: max_parallel === null ? null : countOf(max_parallel, 0, facts.live),
  };
}

function countOf(limit: number, used: number, reserved: number) {
  return { limit_value: limit, used, reserved, remaining: Math.max(0, limit - used - reserved) };
}

type Moneys = Pick<KeyLimits, (typeof SPEND_LIMITS)[number]>;

function moneysOf({ facts, buckets }: Standing): Moneys {
  const entries = SPEND_LIMITS.map((name, i) => {
    const bucket = buckets[i];
    const slot = facts.slots[i];
    if (!bucket || !slot) return [name, null];
    const { limit, used, reserved, remaining } = moneyOf(slot);
    const left = {
      limit_value: formatMoney(limit),
      used: formatMoney(used),
      reserved: formatMoney(reserved),
      remaining: formatMoney(remaining),
      window_start: bucket.window > 0 ? new Date(bucket.window).toISOString() : null,
      resets_at: bucket.ends > 0 ? new Date(bucket.ends).toISOString() : null,
    };
    return [name, left];
  });
  return Object.fromEntries(entries) as Moneys;
}
