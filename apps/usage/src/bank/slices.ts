import type { EntityManager } from 'typeorm';
import type { Nanos } from '#domain/money';

export interface TillEpoch {
  readonly key_id: string;
  readonly till: string;
  readonly epoch: number;
}

/** What is outstanding in an epoch of a till, by bucket. Read after its buckets are locked. */
export async function readSlices(
  tx: EntityManager,
  { key_id, till, epoch }: TillEpoch,
): Promise<ReadonlyMap<string, Nanos>> {
  const rows: { bucket_id: string; outstanding: string }[] = await tx.query(
    'SELECT bucket_id, outstanding FROM slice WHERE key_id = $1 AND till = $2 AND epoch = $3',
    [key_id, till, epoch],
  );
  return new Map(rows.map((row) => [row.bucket_id, BigInt(row.outstanding)]));
}

/** What a grant makes of a bucket and of the till's slice of it. */
export interface Booking {
  readonly bucket: string;
  readonly limit: Nanos | null;
  readonly limitRevision: number;
  readonly granted: Nanos;
  readonly outstanding: Nanos;
}

export async function writeBookings(
  tx: EntityManager,
  { key_id, till, epoch }: TillEpoch,
  bookings: readonly Booking[],
): Promise<void> {
  await tx.query(
    `WITH booked AS (
       SELECT * FROM unnest($4::text[], $5::numeric[], $6::bigint[], $7::numeric[], $8::numeric[])
         AS t(bucket_id, limit_nanos, limit_revision, granted, outstanding)
     ), sliced AS (
       INSERT INTO slice AS s (key_id, till, epoch, bucket_id, outstanding)
       SELECT $1, $2, $3::bigint, bucket_id, outstanding FROM booked
       ON CONFLICT (key_id, till, epoch, bucket_id) DO UPDATE SET outstanding = excluded.outstanding
        WHERE s.outstanding <> excluded.outstanding
     )
     UPDATE bucket b SET granted = t.granted, limit_nanos = t.limit_nanos, limit_revision = t.limit_revision
       FROM booked t WHERE b.id = t.bucket_id
        AND (b.granted, b.limit_nanos, b.limit_revision) IS DISTINCT FROM (t.granted, t.limit_nanos, t.limit_revision)`,
    [
      key_id,
      till,
      epoch,
      bookings.map((each) => each.bucket),
      bookings.map((each) => each.limit),
      bookings.map((each) => each.limitRevision),
      bookings.map((each) => each.granted),
      bookings.map((each) => each.outstanding),
    ],
  );
}
