import type { DataSource, EntityManager } from 'typeorm';
import type { Leases } from '#domain/budget/leases';

const AT_ONCE = 100;

interface Closing {
  readonly key_id: string;
  readonly till: string;
  readonly epoch: string;
}

/**
 * Closes tills that nobody may spend from any more, and takes back what is left in them but for requests that say they
 * still live. A till whose last lease began after the horizon is left alone: something of it may not be in the ledger yet.
 * Any number of replicas do this at once; each takes tills that no other has. How many were looked at is answered.
 */
export async function closeTills(db: DataSource, horizon: Date, { aftermath }: Leases): Promise<number> {
  return db.transaction(async (tx) => {
    const closing: Closing[] = await tx.query(
      `SELECT key_id, till, epoch FROM till
        WHERE lease_until < least($1::timestamptz, clock_timestamp() - interval '${aftermath} milliseconds')
          -- One that was closed already waits for the requests that live, and has nothing else to give.
          AND (closed_at IS NULL OR NOT EXISTS (SELECT 1 FROM kept_hold k
                WHERE k.key_id = till.key_id AND k.till = till.till AND k.epoch = till.epoch AND k.kept_until > clock_timestamp()))
        ORDER BY lease_until LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`,
      [horizon],
    );
    if (closing.length) await close(tx, closing);
    return closing.length;
  });
}

async function close(tx: EntityManager, closing: readonly Closing[]): Promise<void> {
  const which = [
    closing.map(({ key_id }) => key_id),
    closing.map(({ till }) => till),
    closing.map(({ epoch }) => epoch),
  ];
  await tx.query(
    `SELECT 1 FROM bucket WHERE id IN (
       SELECT s.bucket_id FROM slice s JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS t(key_id, till, epoch)
        USING (key_id, till, epoch))
      ORDER BY id FOR UPDATE`,
    which,
  );
  await tx.query(
    `WITH closing AS (SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS t(key_id, till, epoch)
     ), kept AS (
       SELECT k.key_id, k.till, k.epoch, h.bucket AS bucket_id, sum(h.held_nanos::numeric) AS nanos
         FROM kept_hold k JOIN closing USING (key_id, till, epoch)
         CROSS JOIN LATERAL jsonb_to_recordset(k.held) AS h(bucket text, held_nanos text)
        WHERE k.kept_until > clock_timestamp() GROUP BY 1, 2, 3, 4
     ), freed AS MATERIALIZED (
       SELECT s.key_id, s.till, s.epoch, s.bucket_id, s.outstanding - least(s.outstanding, coalesce(kept.nanos, 0)) AS nanos
         FROM slice s JOIN closing USING (key_id, till, epoch) LEFT JOIN kept USING (key_id, till, epoch, bucket_id)
     ), less AS (
       UPDATE slice s SET outstanding = s.outstanding - freed.nanos FROM freed
        WHERE s.key_id = freed.key_id AND s.till = freed.till AND s.epoch = freed.epoch AND s.bucket_id = freed.bucket_id
     )
     UPDATE bucket b SET granted = b.granted - t.nanos
       FROM (SELECT bucket_id, sum(nanos) AS nanos FROM freed GROUP BY bucket_id) AS t
      WHERE b.id = t.bucket_id AND t.nanos <> 0`,
    which,
  );
  await tx.query(
    `WITH closing AS (SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS t(key_id, till, epoch)
     ), empty AS (
       SELECT * FROM closing c WHERE NOT EXISTS (SELECT 1 FROM slice s
         WHERE s.key_id = c.key_id AND s.till = c.till AND s.epoch = c.epoch AND s.outstanding > 0)
     ), gone AS (
       DELETE FROM till t USING empty e WHERE t.key_id = e.key_id AND t.till = e.till AND t.epoch = e.epoch
     )
     UPDATE till t SET closed_at = clock_timestamp(), superseded_at = coalesce(t.superseded_at, clock_timestamp()) FROM closing c
      WHERE t.key_id = c.key_id AND t.till = c.till AND t.epoch = c.epoch
        AND NOT EXISTS (SELECT 1 FROM empty e WHERE e.key_id = c.key_id AND e.till = c.till AND e.epoch = c.epoch)`,
    which,
  );
}
