import type { RefusalCode } from '#contracts/refusals';
import type { TraceStep } from '#contracts/trace';
import type { LimitedKey } from '#counters/asking';
import type { Standing } from '#counters/limits';
import { moneyOf, SPEND_LIMITS, SPENT } from '#counters/standing';
import { formatMoney, type Nanos } from '#domain/money';

const MONEY_STEPS = ['budget', 'period', 'budget', 'period', 'credits'] as const;
const STEPS = ['rpm', 'tpm', 'concurrency', 'budget', 'period', 'credits'] as const;

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

/** Whether a call fits, asked of one limit after the other as `Limits.reserve` does, and nothing taken. */
export function roomFor(
  key: LimitedKey,
  standing: Standing,
  needs: Needs,
): { code: string | null; steps: TraceStep[] } {
  const { token_limit } = key;
  const neverFits = token_limit !== null && needs.tokens > token_limit;
  const all = neverFits
    ? [compared('tpm', 'token_limit', token_limit, 0, 0, needs.tokens, 'request_exceeds_token_limit')]
    : [...rates(key, standing, needs.tokens), ...moneys(standing, needs)];
  const end = all.findIndex(({ code }) => code !== null);
  const asked = end < 0 ? all : all.slice(0, end + 1);
  const code = all[end]?.code ?? null;
  const last = code === null ? null : asked.at(-1)?.step;
  const isReached = (step: Compared['step']) => last === null || asked.some((each) => each.step === step);
  return {
    code,
    steps: STEPS.map((step) => {
      const limits = asked.filter((each) => each.step === step).map(({ values }) => values);
      if (step === last) return { step, result: 'fail', detail: { code, limits } };
      return isReached(step)
        ? { step, result: 'pass', detail: { limits } }
        : { step, result: 'not_reached', detail: {} };
    }),
  };
}

function rates({ rate_limit, token_limit, max_parallel }: LimitedKey, { facts }: Standing, tokens: number): Compared[] {
  const { requests, live } = facts;
  return [
    ...(rate_limit === null ? [] : [compared('rpm', 'rate_limit', rate_limit, requests, 0, 1, 'rate_limit_exceeded')]),
    ...(token_limit === null
      ? []
      : [compared('tpm', 'token_limit', token_limit, facts.tokens, 0, tokens, 'token_rate_limit_exceeded')]),
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
