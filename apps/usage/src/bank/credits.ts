import type { DataSource, EntityManager } from 'typeorm';
import type { CreditBalance, CreditEntry } from '#contracts/credits';
import { creditsBucketId } from '#domain/budget/bucket-id';
import { formatMoney, type Nanos } from '#domain/money';
import { noteLevels } from './levels.js';

interface EntryRow {
  id: string;
  currency: string;
  kind: CreditEntry['kind'];
  nanos: string;
  note: string | null;
  at: Date;
  actor: string;
}

export interface NewEntry {
  readonly id: string;
  readonly organizationId: string;
  readonly currency: string;
  readonly kind: CreditEntry['kind'];
  readonly nanos: Nanos;
  readonly note: string | null;
  readonly at: Date;
  readonly actor: string;
}

/** The entry, and in the same transaction what it adds to the limit of the bucket. */
export async function writeEntry(tx: EntityManager, entry: NewEntry): Promise<CreditEntry> {
  const { id, organizationId, currency, kind, nanos, note, at, actor } = entry;
  await tx.query(
    `INSERT INTO credit_entry (id, organization_id, currency, kind, nanos, note, at, actor)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, organizationId, currency, kind, nanos, note, at, actor],
  );
  await tx.query('INSERT INTO credit_account (organization_id, currency) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    organizationId,
    currency,
  ]);
  await tx.query(
    `INSERT INTO bucket AS b (id, organization_id, limit_nanos) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET limit_nanos = coalesce(b.limit_nanos, 0) + excluded.limit_nanos`,
    [creditsBucketId(organizationId, currency), organizationId, nanos],
  );
  await noteLevels(tx, [creditsBucketId(organizationId, currency)]);
  return entryView({ ...entry, nanos: String(nanos) });
}

/** Before a place in time, which their ids carry. */
export async function readEntries(
  db: DataSource,
  organizationId: string,
  before: string | null,
  most: number,
): Promise<CreditEntry[]> {
  const rows: EntryRow[] = await db.query(
    `SELECT id, currency, kind, nanos, note, at, actor FROM credit_entry
      WHERE organization_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [organizationId, before, most],
  );
  return rows.map(entryView);
}

export async function readBalances(
  db: DataSource | EntityManager,
  organizationId: string,
  asOf: Date,
): Promise<CreditBalance[]> {
  const rows: { currency: string; paid_in: string; settled: string; granted: string }[] = await db.query(
    `SELECT a.currency, b.limit_nanos AS paid_in, b.settled, b.granted
       FROM credit_account a JOIN bucket b ON b.id = a.organization_id || '/' || a.currency AND b.organization_id = $1
      WHERE a.organization_id = $1 ORDER BY a.currency`,
    [organizationId],
  );
  return rows.map(({ currency, paid_in, settled, granted }) => ({
    currency,
    paid_in: formatMoney(BigInt(paid_in)),
    spent: formatMoney(BigInt(settled)),
    balance: formatMoney(BigInt(paid_in) - BigInt(settled)),
    reserved: formatMoney(BigInt(granted)),
    as_of: asOf.toISOString(),
  }));
}

function entryView({ id, currency, kind, nanos, note, at, actor }: EntryRow): CreditEntry {
  return {
    id,
    currency,
    kind,
    amount: formatMoney(BigInt(nanos)),
    note,
    created_at: at.toISOString(),
    created_by: actor,
  };
}
