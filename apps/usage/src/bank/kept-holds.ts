import type { EntityManager } from 'typeorm';

export interface KeptHold {
  readonly request_id: string;
  readonly organization_id: string;
  readonly key_id: string;
  readonly till: string;
  readonly epoch: number;
  readonly admitted_at: string;
  readonly held: readonly { readonly bucket: string; readonly held_nanos: string }[];
}

/**
 * A hold is kept where its money is still set aside: once its till was closed without it, that may be anybody's, and the
 * request has to stop. The tills are locked against being closed meanwhile, those of a whole batch in one order. Those that
 * are kept are answered.
 */
export async function keepHolds(
  db: Pick<EntityManager, 'query'>,
  holds: readonly KeptHold[],
  milliseconds: number,
): Promise<string[]> {
  const kept: { request_id: string }[] = await db.query(
    `WITH told AS (
       SELECT DISTINCT ON (request_id) *
         FROM jsonb_to_recordset($1::jsonb) AS t(request_id text, organization_id text, key_id text, till text,
              epoch bigint, admitted_at timestamptz, held jsonb)
        ORDER BY request_id
     ), there AS MATERIALIZED (
       SELECT t.key_id, t.till, t.epoch, t.organization_id, t.closed_at FROM till t
        WHERE (t.key_id, t.till, t.epoch, t.organization_id) IN (SELECT key_id, till, epoch, organization_id FROM told)
        ORDER BY t.key_id, t.till, t.epoch FOR SHARE
     )
     INSERT INTO kept_hold (request_id, organization_id, key_id, till, epoch, admitted_at, held, kept_until)
     SELECT request_id, organization_id, key_id, till, epoch, admitted_at, held,
            clock_timestamp() + $2 * interval '1 millisecond'
       FROM told JOIN there USING (key_id, till, epoch, organization_id)
      WHERE closed_at IS NULL OR EXISTS (SELECT 1 FROM kept_hold k WHERE k.request_id = told.request_id)
      ORDER BY request_id
     ON CONFLICT (request_id) DO UPDATE SET held = excluded.held, kept_until = excluded.kept_until
      WHERE kept_hold.organization_id = excluded.organization_id
     RETURNING request_id`,
    [JSON.stringify(holds), milliseconds],
  );
  return kept.map(({ request_id }) => request_id);
}
