import type { DataSource, EntityManager } from 'typeorm';
import type { Nanos } from '#domain/money';

export interface Bucket {
  readonly id: string;
  readonly organizationId: string;
  readonly settled: Nanos;
  readonly granted: Nanos;
  /** Null: nobody has said yet. */
  readonly limit: Nanos | null;
  readonly limitRevision: number;
}

interface Row {
  id: string;
  organization_id: string;
  settled: string;
  granted: string;
  limit_nanos: string | null;
  limit_revision: string;
}

/** Those of the buckets that are there, locked until the commit, always in the same order. */
export async function lockBuckets(tx: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, Bucket>> {
  const rows: Row[] = await tx.query('SELECT * FROM bucket WHERE id = ANY($1) ORDER BY id FOR UPDATE', [ids]);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        organizationId: row.organization_id,
        settled: BigInt(row.settled),
        granted: BigInt(row.granted),
        limit: row.limit_nanos === null ? null : BigInt(row.limit_nanos),
        limitRevision: Number(row.limit_revision),
      },
    ]),
  );
}

/** Outside of any transaction: made between locked ones, a new row would be locked out of order. */
export async function makeBuckets(db: DataSource, organizationId: string, ids: readonly string[]): Promise<void> {
  await db.query(
    'INSERT INTO bucket (id, organization_id) SELECT id, $2 FROM unnest($1::text[]) AS t(id) ORDER BY id ON CONFLICT DO NOTHING',
    [ids, organizationId],
  );
}
