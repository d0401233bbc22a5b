import { type Nanos, parseMoney } from '../money.js';
import { bucketId, creditsBucketId } from './bucket-id.js';
import { type Alignment, type WindowUnit, windowAt } from './window.js';

interface Recurring {
  readonly amount: string;
  readonly every: number;
  readonly unit: WindowUnit;
  readonly align?: Alignment;
}

/** What a key's spending is limited by, its project's and its organization's included. */
export interface SpendLimits {
  readonly key_id: string;
  readonly project_id: string;
  readonly organization_id: string;
  readonly currency: string;
  readonly budget: string | null;
  readonly recurring_limit: Recurring | null;
  readonly recurring_since: number | null;
  readonly spend_epoch: number;
  readonly project_budget: string | null;
  readonly project_recurring_limit: Recurring | null;
  readonly project_recurring_since: number | null;
  readonly project_spend_epoch: number;
  readonly prepaid: boolean;
}

/** One thing that can run out, at this moment. */
export interface Bucket {
  readonly id: string;
  /** Of a window: when it began, and when the next one does; 0 of a bucket without. */
  readonly window: number;
  readonly ends: number;
  /** Null for credits: only the bank knows those. */
  readonly limit: Nanos | null;
}

export function hasSpendLimit(key: SpendLimits): boolean {
  const { budget, recurring_limit, project_budget, project_recurring_limit } = key;
  const limits = [budget, recurring_limit, project_budget, project_recurring_limit];
  return key.prepaid || limits.some((limit) => limit !== null);
}

/** One for each of the slots, in their order; null where nothing is limited. */
export function bucketsOf(key: SpendLimits, now: number): (Bucket | null)[] {
  return [
    whole(key.key_id, key.spend_epoch, key.budget),
    window(key.key_id, key.spend_epoch, key.recurring_limit, key.recurring_since, now),
    whole(key.project_id, key.project_spend_epoch, key.project_budget),
    window(key.project_id, key.project_spend_epoch, key.project_recurring_limit, key.project_recurring_since, now),
    key.prepaid ? { id: creditsBucketId(key.organization_id, key.currency), window: 0, ends: 0, limit: null } : null,
  ];
}

function whole(holder: string, epoch: number, limit: string | null): Bucket | null {
  return limit === null
    ? null
    : { id: bucketId(holder, epoch, null), window: 0, ends: 0, limit: parseMoney(limit) ?? 0n };
}

function window(
  holder: string,
  epoch: number,
  limit: Recurring | null,
  anchor: number | null,
  now: number,
): Bucket | null {
  if (limit === null || anchor === null) return null;
  const { start, end } = windowAt({ every: limit.every, unit: limit.unit, align: limit.align, anchor }, now);
  const id = bucketId(holder, epoch, new Date(start).toISOString());
  return { id, window: start, ends: end, limit: parseMoney(limit.amount) ?? 0n };
}

/** What a bucket's id says of it: which count of resets, which window. */
export function readBucketId(id: string): { readonly spendEpoch: number; readonly windowStart: string | null } {
  const [, epoch = '0', start] = id.split('/');
  return { spendEpoch: Number(epoch), windowStart: start ?? null };
}
