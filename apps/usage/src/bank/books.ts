import type { DataSource, EntityManager } from 'typeorm';
import type { Drift } from '#contracts/books';
import type { Nanos } from '#domain/money';

export interface FoundDrift {
  readonly what: Drift['what'];
  readonly id: string;
  readonly organizationId: string;
  readonly expected: Nanos;
  readonly found: Nanos;
}

interface Row {
  what: Drift['what'];
  id: string;
  organization_id: string;
  expected: string;
  found: string;
}

const MOMENT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/** Everything ever charged, by all it was charged to. */
const CHARGED = `
  SELECT organization_id, project_id, key_id, currency, own_key, prepaid, spend_epoch, window_start,
         project_spend_epoch, project_window_start, sum(cost_nanos) AS cost
    FROM (SELECT organization_id, project_id, key_id, currency, own_key, prepaid, spend_epoch, window_start,
                 project_spend_epoch, project_window_start, cost_nanos
            FROM usage_event WHERE kind <> 'denied'
           UNION ALL
          SELECT organization_id, project_id, key_id, currency, own_key, prepaid, spend_epoch, window_start,
                 project_spend_epoch, project_window_start, cost_nanos
            FROM carried_forward) AS every
   GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`;

/** One statement, so one snapshot: the ledger's transactions are in all of it or in none. */
const DRIFTS = `
  WITH charged AS MATERIALIZED (${CHARGED}
  ), ledger AS (
    SELECT b.id COLLATE "C" AS id, min(organization_id) AS organization_id, sum(cost) AS cost
      FROM charged CROSS JOIN LATERAL (VALUES
        (key_id || '/' || spend_epoch),
        (key_id || '/' || spend_epoch || '/' || to_char(window_start AT TIME ZONE 'UTC', ${MOMENT})),
        (project_id || '/' || project_spend_epoch),
        (project_id || '/' || project_spend_epoch || '/' || to_char(project_window_start AT TIME ZONE 'UTC', ${MOMENT})),
        (CASE WHEN prepaid AND NOT own_key THEN organization_id || '/' || currency END)) AS b(id)
     WHERE b.id IS NOT NULL GROUP BY 1
  ), sliced AS (SELECT bucket_id, sum(outstanding) AS nanos FROM slice GROUP BY 1
  ), paid AS (SELECT organization_id, currency, sum(nanos) AS nanos FROM credit_entry GROUP BY 1, 2
  ), keys AS (SELECT key_id COLLATE "C" AS key_id, min(organization_id) AS organization_id, sum(cost) AS cost FROM charged GROUP BY 1)
  SELECT 'settled' AS what, coalesce(b.id, l.id) AS id, coalesce(b.organization_id, l.organization_id) AS organization_id,
         coalesce(l.cost, 0) AS expected, coalesce(b.settled, 0) AS found
    FROM bucket b FULL JOIN ledger l ON l.id = b.id COLLATE "C"
   WHERE coalesce(l.cost, 0) <> coalesce(b.settled, 0)
  UNION ALL
  SELECT 'granted', b.id, b.organization_id, coalesce(s.nanos, 0), b.granted
    FROM bucket b LEFT JOIN sliced s ON s.bucket_id = b.id WHERE coalesce(s.nanos, 0) <> b.granted
  UNION ALL
  SELECT 'credits', b.id, b.organization_id, p.nanos, coalesce(b.limit_nanos, 0)
    FROM paid p JOIN bucket b ON b.id COLLATE "C" = (p.organization_id || '/' || p.currency) COLLATE "C"
   WHERE p.nanos IS DISTINCT FROM b.limit_nanos
  UNION ALL
  SELECT 'total', coalesce(t.key_id COLLATE "C", k.key_id), coalesce(t.organization_id, k.organization_id),
         coalesce(k.cost, 0), coalesce(t.cost_nanos, 0)
    FROM key_total t FULL JOIN keys k ON k.key_id = t.key_id COLLATE "C"
   WHERE coalesce(k.cost, 0) <> coalesce(t.cost_nanos, 0)
  ORDER BY 1, 2`;

export async function findDrifts(db: DataSource | EntityManager): Promise<FoundDrift[]> {
  const rows: Row[] = await db.query(DRIFTS);
  return rows.map(({ organization_id, expected, found, ...row }) => ({
    ...row,
    organizationId: organization_id,
    expected: BigInt(expected),
    found: BigInt(found),
  }));
}

const COLUMN = { settled: 'settled', granted: 'granted', credits: 'limit_nanos' } as const;

/** What is wrong is taken from the ledger, the slices and the entries. Nobody is granted anything meanwhile. */
export async function repairBooks(db: DataSource): Promise<FoundDrift[]> {
  return db.transaction(async (tx) => {
    await tx.query('LOCK TABLE bucket, key_total IN SHARE ROW EXCLUSIVE MODE');
    const drifts = await findDrifts(tx);
    for (const { what, id, organizationId, expected } of drifts) {
      if (what === 'total') await tx.query('UPDATE key_total SET cost_nanos = $2 WHERE key_id = $1', [id, expected]);
      else
        await tx.query(
          `INSERT INTO bucket (id, organization_id, ${COLUMN[what]}) VALUES ($1, $2, $3)
           ON CONFLICT (id) DO UPDATE SET ${COLUMN[what]} = excluded.${COLUMN[what]}`,
          [id, organizationId, expected],
        );
    }
    return drifts;
  });
}
