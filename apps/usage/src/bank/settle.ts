import type { EntityManager } from 'typeorm';
import { noteLevels, noteWindows } from './levels.js';
import { type Charged, settlementOf } from './settlement.js';

/**
 * Adds events to everything they are charged to, and takes what was set aside for them out of it. For events that are
 * new to the ledger, in the ledger's own transaction, and as its last work: buckets of projects and credits are
 * everybody's, and locked from here until the commit.
 */
export async function settle(tx: EntityManager, events: readonly Charged[]): Promise<void> {
  const { buckets, slices } = settlementOf(events);
  if (buckets.length === 0) return;
  await tx.query(
    `INSERT INTO bucket AS b (id, organization_id, settled)
     SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[]) AS t(id, organization_id, settled)
      -- Always in the same order, as the grants do it: nobody waits for somebody who waits for them.
      ORDER BY id
     ON CONFLICT (id) DO UPDATE SET settled = b.settled + excluded.settled`,
    [buckets.map((each) => each.bucket), buckets.map((each) => each.organization), buckets.map((each) => each.cost)],
  );
  if (slices.length === 0) return;
  // A statement of its own: it sees the slices as they are now that their buckets are locked.
  const [limited]: [{ id: string }[], number] = await tx.query(
    `WITH taken AS MATERIALIZED (
       SELECT s.key_id, s.till, s.epoch, s.bucket_id, least(s.outstanding, t.cost) AS nanos
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::numeric[]) AS t(key_id, till, epoch, bucket_id, cost)
         JOIN slice s USING (key_id, till, epoch, bucket_id)
     ), less AS (
       UPDATE slice s SET outstanding = s.outstanding - taken.nanos FROM taken
        WHERE s.key_id = taken.key_id AND s.till = taken.till AND s.epoch = taken.epoch AND s.bucket_id = taken.bucket_id
     )
     UPDATE bucket b SET granted = b.granted - t.nanos
       FROM (SELECT bucket_id, sum(nanos) AS nanos FROM taken GROUP BY bucket_id) AS t
      WHERE b.id = t.bucket_id RETURNING b.id`,
    [
      slices.map((each) => each.key),
      slices.map((each) => each.till),
      slices.map((each) => each.epoch),
      slices.map((each) => each.bucket),
      slices.map((each) => each.cost),
    ],
  );
  // A till asked for these, so they have a limit today; what others had one day is nobody's concern.
  const ids = limited.map(({ id }) => id);
  await noteWindows(tx, ids);
  await noteLevels(tx, ids);
}
