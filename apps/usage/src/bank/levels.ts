import type { EntityManager } from 'typeorm';

/** Where people are told how much of a limit is gone. */
const LEVEL = `CASE WHEN limit_nanos IS NULL THEN 0 WHEN settled >= limit_nanos THEN 100
  WHEN settled * 10 >= limit_nanos * 9 THEN 90 WHEN settled * 10 >= limit_nanos * 8 THEN 80 ELSE 0 END`;

/**
 * After the settled or the limit of these buckets has changed, under their locks: a level that was reached is written down
 * to be told, once; one that a raised limit has taken back can be reached again.
 */
export async function noteLevels(tx: EntityManager, buckets: readonly string[]): Promise<void> {
  if (buckets.length === 0) return;
  await tx.query(
    `WITH moved AS MATERIALIZED (
       SELECT id, organization_id, settled, limit_nanos, told_level, ${LEVEL} AS level FROM bucket
        WHERE id = ANY($1) AND told_level <> ${LEVEL}
     ), noted AS (
       UPDATE bucket b SET told_level = moved.level FROM moved WHERE b.id = moved.id
     )
     INSERT INTO limit_event (bucket_id, organization_id, percent, limit_nanos, used_nanos, at)
     SELECT id, organization_id, level, limit_nanos, settled, clock_timestamp() FROM moved WHERE level > told_level`,
    [buckets],
  );
}

/** The same for windows: the first usage in one that is not the first of its limit says that it has begun. */
export async function noteWindows(tx: EntityManager, buckets: readonly string[]): Promise<void> {
  if (buckets.length === 0) return;
  await tx.query(
    `WITH begun AS (
       UPDATE bucket SET told_window = true
        WHERE id = ANY($1) AND NOT told_window AND limit_nanos IS NOT NULL AND split_part(id, '/', 3) <> '' RETURNING *
     )
     INSERT INTO limit_event (bucket_id, organization_id, limit_nanos, used_nanos, at)
     SELECT id, organization_id, limit_nanos, settled, clock_timestamp() FROM begun
      WHERE EXISTS (SELECT 1 FROM bucket earlier WHERE earlier.id < begun.id
                       AND earlier.id > split_part(begun.id, '/', 1) || '/' || split_part(begun.id, '/', 2) || '/')`,
    [buckets],
  );
}
