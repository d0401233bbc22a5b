import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type EscrowRpc, HOLD_MILLISECONDS } from '#contracts/escrow';
import type { Answers, Asked } from '#contracts/rpc';

type Request = Asked<typeof EscrowRpc.keepHolds>;

@Injectable()
export class KeepHolds {
  constructor(private readonly db: DataSource) {}

  /**
   * A hold is kept where its money is still set aside: once its till was closed without it, that may be anybody's, and the
   * request has to stop. The tills are locked against being closed meanwhile, those of a whole batch in one order.
   */
  async run({ holds }: Request): Promise<Answers<typeof EscrowRpc.keepHolds>> {
    const rows = holds.map(({ buckets, ...hold }) => ({ ...hold, held: buckets }));
    const kept: { request_id: string }[] = await this.db.query(
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
              clock_timestamp() + interval '${HOLD_MILLISECONDS} milliseconds'
         FROM told JOIN there USING (key_id, till, epoch, organization_id)
        WHERE closed_at IS NULL OR EXISTS (SELECT 1 FROM kept_hold k WHERE k.request_id = told.request_id)
        ORDER BY request_id
       ON CONFLICT (request_id) DO UPDATE SET held = excluded.held, kept_until = excluded.kept_until
        WHERE kept_hold.organization_id = excluded.organization_id
       RETURNING request_id`,
      [JSON.stringify(rows)],
    );
    return { kept: kept.map(({ request_id }) => request_id), keep_ms: HOLD_MILLISECONDS };
  }
}
