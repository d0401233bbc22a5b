import type { RefusalCode } from '#contracts/refusals';
import type { TraceStep } from '#contracts/trace';
import type { LimitedKey } from '#counters/asking';
import type { Standing } from '#counters/limits';
import { moneyOf, SPEND_LIMITS, SPENT } from '#counters/standing';
import { formatMoney, type Nanos } from '#domain/money';

const MONEY_STEPS = ['budget', 'period', 'budget', 'period', 'credits'] as const;
const STEPS = ['budget', 'period', 'credits', 'rpm', 'tpm', 'concurrency'] as const;

/** One limit beside what a call needs of it; with a code where that is more than there is. */
interface Compared {
  readonly step: (typeof STEPS)[number];
  readonly code: RefusalCode | null;
  readonly values: Readonly<Record<string, unknown>>;
}

interface Needs {
  readonly tokens: number;
  readonly amount: Nanos;
  readonly charged: readonly boolean[];
}

/**
 * Whether a call fits, and nothing taken. All limits are compared, as a till compares them at once; the code is that of the
 * one `Limits.reserve` tells of: what never fits, then the rates, then the money.
 */
export function roomFor(
  key: LimitedKey,
  standing: Standing,
  needs: Needs,
): { code: string | null; steps: TraceStep[] } {
  const { token_limit } = key;
  const never = token_limit !== null && needs.tokens > token_limit ? 'request_exceeds_token_limit' : null;
  const all = [...rates(key, standing, needs.tokens, never), ...moneys(standing, needs)];
  return {
    code: never ?? all.find(({ code }) => code !== null)?.code ?? null,
    steps: STEPS.map((step) => {
      const compared = all.filter((each) => each.step === step);
      const limits = compared.map(({ values }) => values);
      const code = compared.find((each) => each.code !== null)?.code;
      return code ? { step, result: 'fail', detail: { code, limits } } : { step, result: 'pass', detail: { limits } };
    }),
  };
}

function rates(
  { rate_limit, token_limit, max_parallel }: LimitedKey,
  { facts }: Standing,
  tokens: number,
  never: RefusalCode | null,
): Compared[] {
  const { requests, live } = facts;
  const tooMany = never ?? 'token_rate_limit_exceeded';
  return [
    ...(rate_limit === null ? [] : [compared('rpm', 'rate_limit', rate_limit, requests, 0, 1, 'rate_limit_exceeded')]),
    ...(token_limit === null ? [] : [compared('tpm', 'token_limit', token_limit, facts.tokens, 0, tokens, tooMany)]),
    ...(max_parallel === null
      ? []
      : [compared('concurrency', 'max_parallel', max_parallel, 0, live, 1, 'concurrency_limit_exceeded')]),
  ];
}

function compared(
  step: Compared['step'],
  limit: string,
  limit_value: number,
  used: number,
  reserved: number,
  needed: number,
  otherwise: RefusalCode,
): Compared {
  const code = used + reserved + needed > limit_value ? otherwise : null;
  const remaining = Math.max(0, limit_value - used - reserved);
  return { step, code, values: { limit, limit_value, used, reserved, remaining, needed, resets_at: null } };
}

function moneys({ facts, buckets }: Standing, { amount, charged }: Needs): Compared[] {
  return SPEND_LIMITS.flatMap((limit, i) => {
    const [slot, bucket] = [facts.slots[i], buckets[i]];
    if (!slot || !bucket || !charged[i]) return [];
    const money = moneyOf(slot);
    return {
      step: MONEY_STEPS[i] as Compared['step'],
      code: money.remaining < amount ? (SPENT[i] as RefusalCode) : null,
      values: {
        limit,
        limit_value: formatMoney(money.limit),
        used: formatMoney(money.used),
        reserved: formatMoney(money.reserved),
        remaining: formatMoney(money.remaining),
        needed: formatMoney(amount),
        resets_at: bucket.ends > 0 ? new Date(bucket.ends).toISOString() : null,
      },
    };
  });
}
