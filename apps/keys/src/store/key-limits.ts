import type { z } from 'zod';
import type { ttl } from '#contracts/key';
import type { Key } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import { durationSeconds } from '#domain/duration';
import { parseMoney } from '#domain/money';
import type { Plan } from '#runtime/profiles';
import type { ApiKey } from './entities.js';

type Limits = Pick<Key, 'rate_limit' | 'token_limit' | 'max_parallel' | 'budget' | 'recurring_limit'>;
type SpendColumns = Pick<
  ApiKey,
  'budgetNanos' | 'recurringNanos' | 'recurringEvery' | 'recurringUnit' | 'recurringAlign' | 'recurringSince'
>;
type LimitColumns = Pick<ApiKey, 'rateLimit' | 'tokenLimit' | 'maxParallel'> & SpendColumns;

export function limitColumns(limits: Limits, now: Date): LimitColumns {
  return {
    rateLimit: limits.rate_limit,
    tokenLimit: limits.token_limit,
    maxParallel: limits.max_parallel,
    ...spendColumns(limits, now),
  };
}

/** A recurring limit that is set begins a new window now, whatever was there before (seed B9). */
export function spendColumns(
  { budget, recurring_limit: limit }: Pick<Limits, 'budget' | 'recurring_limit'>,
  now: Date,
): SpendColumns {
  return {
    budgetNanos: nanos(budget),
    recurringNanos: nanos(limit?.amount ?? null),
    recurringEvery: limit?.every ?? null,
    recurringUnit: limit?.unit ?? null,
    recurringAlign: limit?.align ?? null,
    recurringSince: limit ? now : null,
  };
}

/** What a key asks for itself stays within what its plan allows. */
export function assertWithinPlan(asked: Partial<Pick<Limits, 'rate_limit' | 'token_limit'>>, plan: Plan): void {
  const pairs = [
    ['rate_limit', asked.rate_limit, plan.maxRateLimit],
    ['token_limit', asked.token_limit, plan.maxTokenLimit],
  ] as const;
  for (const [param, value, most] of pairs) {
    if (value === null || value === undefined || most === null || value <= most) continue;
    throw new Refused('invalid_request', {
      message: `${param} may be at most ${most} on this plan`,
      param,
      details: { most },
    });
  }
}

/** The moment a key expires, however it was said; null: never, undefined: nothing was said. */
export function expiryOf(
  asked: { expires_at?: string | null; ttl?: z.output<typeof ttl> | null },
  now: Date,
): Date | null | undefined {
  if (asked.ttl) return new Date(now.getTime() + durationSeconds(asked.ttl) * 1000);
  assertFuture(asked.expires_at, now);
  return asked.expires_at ? new Date(asked.expires_at) : asked.expires_at === null ? null : undefined;
}

export function assertFuture(expiresAt: string | null | undefined, now: Date): void {
  if (!expiresAt || Date.parse(expiresAt) > now.getTime()) return;
  throw new Refused('invalid_request', { message: 'expires_at must be in the future', param: 'expires_at' });
}

function nanos(text: string | null): string | null {
  return text === null ? null : String(parseMoney(text));
}
