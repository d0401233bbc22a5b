import type { DataSource, EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Key } from '#contracts/keys';
import { statusAt } from '#domain/key/key';
import { formatMoney } from '#domain/money';
import { ApiKey, KeySecret, Project } from './entities.js';

/** A secret is this old when people are reminded to rotate it. */
const REMINDER_MILLISECONDS = 90 * 86_400_000;

/** A key with everything a view of it needs. */
export interface WholeKey {
  readonly key: ApiKey;
  readonly secret: KeySecret;
  readonly previous: KeySecret | null;
  readonly currency: string;
}

/**
 * The current secret, and during a rotation the one before it, beside every key of the query `k`. The moment is the
 * caller's: to the database it is still the beginning of the transaction, before what was ended in it.
 */
export function withSecrets(query: SelectQueryBuilder<ApiKey>, now: Date): SelectQueryBuilder<ApiKey> {
  return query
    .innerJoinAndMapOne('k.secret', KeySecret, 's', 's.keyId = k.id AND s.validUntil IS NULL')
    .leftJoinAndMapOne('k.previous', KeySecret, 'old', 'old.keyId = k.id AND old.validUntil > :graceAfter', {
      graceAfter: now,
    })
    .innerJoinAndMapOne('k.project', Project, 'p', 'p.id = k.projectId');
}

type Joined = ApiKey & { secret: KeySecret; previous: KeySecret | null; project: Project };

export function wholeKey(row: ApiKey, currencyOf: (profile: string) => string): WholeKey {
  const { secret, previous, project, ...key } = row as Joined;
  return { key, secret, previous: previous ?? null, currency: currencyOf(project.profile) };
}

/** One key of one tenant. The tenant is part of the predicate: an id of another's finds nothing. */
export async function findKey(
  db: DataSource | EntityManager,
  { organizationId, keyId, now }: { organizationId: string; keyId: string; now: Date },
  currencyOf: (profile: string) => string,
): Promise<WholeKey | null> {
  const row = await withSecrets(db.createQueryBuilder(ApiKey, 'k'), now)
    .where('k.id = :keyId AND k.organizationId = :organizationId AND k.deletedAt IS NULL', { keyId, organizationId })
    .getOne();
  return row && wholeKey(row, currencyOf);
}

export function viewOf({ key, secret, previous, currency }: WholeKey, now: number): Key {
  return {
    id: key.id,
    name: key.name,
    preview: secret.preview,
    organization_id: key.organizationId,
    project_id: key.projectId,
    status: statusAt(
      { disabledAt: key.disabledAt?.getTime() ?? null, expiresAt: key.expiresAt?.getTime() ?? null },
      now,
    ),
    scopes: key.scopes,
    tags: key.tags,
    rate_limit: key.rateLimit,
    token_limit: key.tokenLimit,
    max_parallel: key.maxParallel,
    budget: money(key.budgetNanos),
    recurring_limit: recurringOf(key),
    recurring_since: iso(key.recurringSince),
    currency,
    spend_epoch: key.spendEpoch,
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    made_by: key.madeBy,
    updated_at: key.updatedAt.toISOString(),
    expires_at: iso(key.expiresAt),
    secret_id: secret.id,
    secret_created_at: secret.createdAt.toISOString(),
    previous:
      previous?.validUntil && previous.validUntil.getTime() > now ? previousOf(previous, previous.validUntil) : null,
    rotation_due: now - secret.createdAt.getTime() >= REMINDER_MILLISECONDS,
    leaked_at: iso(key.leakedAt),
    revision: Number(key.revision),
  };
}

/** What the audit log says of a key: its view, less what changes by itself. */
export function auditedKey(whole: WholeKey, now: number): Record<string, unknown> {
  const { status: _, rotation_due: __, revision: ___, updated_at: ____, ...said } = viewOf(whole, now);
  return { ...said, disabled: whole.key.disabledAt !== null };
}

export function recurringOf(
  key: Pick<ApiKey, 'recurringNanos' | 'recurringEvery' | 'recurringUnit' | 'recurringAlign'>,
): Key['recurring_limit'] {
  const { recurringNanos, recurringEvery, recurringUnit, recurringAlign } = key;
  if (recurringNanos === null || recurringEvery === null || recurringUnit === null) return null;
  const limit = { amount: formatMoney(BigInt(recurringNanos)), every: recurringEvery, unit: recurringUnit };
  return recurringAlign === null ? limit : { ...limit, align: recurringAlign };
}

function previousOf({ id, preview }: KeySecret, validUntil: Date): NonNullable<Key['previous']> {
  return { secret_id: id, preview, valid_until: validUntil.toISOString() };
}

export function money(nanos: string | null): string | null {
  return nanos === null ? null : formatMoney(BigInt(nanos));
}

export function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
