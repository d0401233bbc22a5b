import type { DataSource, EntityManager } from 'typeorm';
import type { UsageEvent } from '#contracts/usage';
import { settle } from '../bank/settle.js';

/**
 * Writes a batch, in one transaction: the events that are new go into the ledger, and exactly those are added to the
 * totals and charged to their buckets. An event told twice, by whomever, counts once.
 */
export async function writeEvents(db: DataSource, events: readonly UsageEvent[]): Promise<number> {
  return db.transaction(async (tx) => {
    const fresh = await writeFresh(tx, events);
    await settle(tx, fresh);
    return fresh.length;
  });
}

/** Those of the events that the ledger did not have; of one that is in the batch twice, one. */
async function writeFresh(tx: EntityManager, events: readonly UsageEvent[]): Promise<UsageEvent[]> {
  const written: { request_id: string; kind: string }[] = await tx.query(
    `WITH told AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS e(
         request_id text, kind text, organization_id text, project_id text, key_id text, secret_id text, at timestamptz, endpoint text,
         model text, provider text, stream boolean, outcome text, status integer, input_tokens bigint,
         cached_input_tokens bigint, output_tokens bigint, cost_nanos numeric, currency text, duration_ms integer,
         first_byte_ms integer, spend_epoch integer, window_start timestamptz, project_spend_epoch integer,
         project_window_start timestamptz, own_key boolean, prepaid boolean)
     ), fresh AS (
       INSERT INTO usage_event (request_id, kind, organization_id, project_id, key_id, secret_id, at, endpoint, model, provider, stream,
         outcome, status, input_tokens, cached_input_tokens, output_tokens, cost_nanos, currency, duration_ms, first_byte_ms,
         spend_epoch, window_start, project_spend_epoch, project_window_start, own_key, prepaid)
       SELECT request_id, kind, organization_id, project_id, key_id, secret_id, at, endpoint, model, provider, stream,
         outcome, status, input_tokens, cached_input_tokens, output_tokens, cost_nanos, currency, duration_ms, first_byte_ms,
         spend_epoch, window_start, project_spend_epoch, project_window_start, own_key, prepaid
       FROM told ON CONFLICT DO NOTHING RETURNING *
     ), summed AS (
       INSERT INTO key_total AS t (key_id, organization_id, requests, input_tokens, output_tokens, cost_nanos, last_used_at)
       SELECT key_id, organization_id, count(*) FILTER (WHERE kind = 'final'), sum(input_tokens), sum(output_tokens), sum(cost_nanos), max(at)
       FROM fresh GROUP BY key_id, organization_id
       -- Always in the same order, or two workers could wait for each other's rows.
       ORDER BY key_id
       ON CONFLICT (key_id) DO UPDATE SET
         requests = t.requests + excluded.requests,
         input_tokens = t.input_tokens + excluded.input_tokens,
         output_tokens = t.output_tokens + excluded.output_tokens,
         cost_nanos = t.cost_nanos + excluded.cost_nanos,
         last_used_at = greatest(t.last_used_at, excluded.last_used_at)
     )
     SELECT request_id, kind FROM fresh`,
    [JSON.stringify(events)],
  );
  const fresh = new Set(written.map(({ request_id, kind }) => `${request_id} ${kind}`));
  return [...new Map(events.map((event) => [`${event.request_id} ${event.kind}`, event]))]
    .filter(([name]) => fresh.has(name))
    .map(([, event]) => event);
}
