import type { RefusalCode } from '#contracts/refusals';
import { Refused } from '#contracts/refusals';
import type { Bucket } from '#domain/budget/buckets';
import type { RateLimit, SlotFacts, TillFacts } from '#domain/budget/reservation';
import { formatMoney, type Nanos } from '#domain/money';

/** What a limit is called, by its slot. */
export const SPEND_LIMITS = [
  'budget',
  'recurring_limit',
  'project_budget',
  'project_recurring_limit',
  'credits',
] as const;

export const SPENT: readonly RefusalCode[] = [
  'spend_limit_reached',
  'period_spend_limit_reached',
  'spend_limit_reached',
  'period_spend_limit_reached',
  'insufficient_credits',
];

const RATES = {
  rpm: ['rate_limit_exceeded', 'rate_limit'],
  tpm: ['token_rate_limit_exceeded', 'token_limit'],
  parallel: ['concurrency_limit_exceeded', 'max_parallel'],
} as const satisfies Record<RateLimit, readonly [RefusalCode, string]>;

/** limit = used + reserved + remaining, to the last unit; where more is used and reserved than there may be, nothing remains. */
interface Money {
  readonly limit: Nanos;
  readonly used: Nanos;
  readonly reserved: Nanos;
  readonly remaining: Nanos;
}

export function moneyOf({ limit, slice, held, free, outside }: SlotFacts): Money {
  const all = BigInt(limit);
  const reserved = BigInt(held) + BigInt(outside);
  const left = BigInt(slice) + BigInt(free);
  const remaining = left > 0n ? left : 0n;
  return { limit: all, used: all - reserved - left, reserved, remaining };
}

function leftOf({ slice, free }: Pick<SlotFacts, 'slice' | 'free'>): Nanos {
  const left = BigInt(slice) + BigInt(free);
  return left > 0n ? left : 0n;
}

/** What the tightest of the buckets leaves; null where nothing is limited. */
export function remainingOf({ slots }: Pick<TillFacts, 'slots'>, charged: readonly boolean[]): Nanos | null {
  let least: Nanos | null = null;
  for (const [i, slot] of slots.entries()) {
    if (!slot || !charged[i]) continue;
    const left = leftOf(slot);
    if (least === null || left < least) least = left;
  }
  return least;
}

/** What is not there cannot be spent; what others hold may come back. */
export function outOfMoney(facts: TillFacts, slot: number, bucket: Bucket | null): Refused {
  const known = facts.slots[slot];
  if (!known) return new Refused('service_unavailable');
  const money = moneyOf(known);
  return new Refused(SPENT[slot] as RefusalCode, {
    details: {
      limit: SPEND_LIMITS[slot],
      limit_value: formatMoney(money.limit),
      used: formatMoney(money.used),
      reserved: formatMoney(money.reserved),
      remaining: formatMoney(money.remaining),
      resets_at: bucket && bucket.ends > 0 ? new Date(bucket.ends).toISOString() : null,
      retryable: money.reserved > 0n,
    },
  });
}

/** `limit` is what is enforced here: a share of it where gateways cannot count together. */
export function tooFast(facts: TillFacts, by: RateLimit, retryAt: number, limit: number): Refused {
  const [code, name] = RATES[by];
  const used = { rpm: facts.requests, tpm: facts.tokens, parallel: 0 }[by];
  const reserved = by === 'parallel' ? facts.live : 0;
  const wait = Math.max(1, retryAt - facts.now);
  return new Refused(code, {
    details: {
      limit: name,
      limit_value: limit,
      used: Math.min(used, limit),
      reserved: Math.min(reserved, limit),
      remaining: Math.max(0, limit - used - reserved),
      resets_at: new Date(Date.now() + wait).toISOString(),
      retryable: true,
      retry_after_ms: wait,
    },
  });
}

export function neverFits(tokens: number, limit: number): Refused {
  return new Refused('request_exceeds_token_limit', {
    message: `This request may take ${tokens} tokens; ${limit} a minute are allowed.`,
    details: { limit: 'token_limit', limit_value: limit, used: 0, reserved: 0, remaining: limit, retryable: false },
  });
}
