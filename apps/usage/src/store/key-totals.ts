import type { EntityManager } from 'typeorm';
import { arraysOf, rowsFrom } from './columns.js';
import type { LedgerRow } from './event-rows.js';

const COLUMNS = {
  key_id: 'text',
  organization_id: 'text',
  requests: 'bigint',
  input_tokens: 'bigint',
  output_tokens: 'bigint',
  cost: 'numeric',
  last_used_at: 'timestamptz',
};

interface Total {
  readonly key_id: string;
  readonly organization_id: string;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  cost: bigint;
  last_used_at: string;
}

/** What each key comes to, of all time. */
export async function addToKeyTotals(db: EntityManager, rows: readonly LedgerRow[]): Promise<void> {
  const totals = new Map<string, Total>();
  for (const row of rows) {
    const { key_id, organization_id, at } = row;
    let total = totals.get(key_id);
    if (!total) {
      total = { key_id, organization_id, requests: 0, input_tokens: 0, output_tokens: 0, cost: 0n, last_used_at: at };
      totals.set(key_id, total);
    }
    total.requests += row.kind === 'final' ? 1 : 0;
    total.input_tokens += row.input_tokens;
    total.output_tokens += row.output_tokens;
    total.cost += BigInt(row.cost_nanos);
    if (at > total.last_used_at) total.last_used_at = at;
  }
  // Always in the same order, or two workers could wait for each other's rows.
  const sorted = [...totals.values()].sort((one, other) => (one.key_id < other.key_id ? -1 : 1));
  await db.query(
    `INSERT INTO key_total AS t (key_id, organization_id, requests, input_tokens, output_tokens, cost_nanos, last_used_at)
     SELECT ${Object.keys(COLUMNS).join(', ')} FROM ${rowsFrom(COLUMNS)}
     ON CONFLICT (key_id) DO UPDATE SET
       requests = t.requests + excluded.requests,
       input_tokens = t.input_tokens + excluded.input_tokens,
       output_tokens = t.output_tokens + excluded.output_tokens,
       cost_nanos = t.cost_nanos + excluded.cost_nanos,
       last_used_at = greatest(t.last_used_at, excluded.last_used_at)`,
    arraysOf(COLUMNS, sorted),
  );
}
