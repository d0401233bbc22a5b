import type { EntityManager } from 'typeorm';
import { insertRows, type LedgerRow, nameOf } from './event-rows.js';

const MEASURES = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const;

/**
 * A request whose gateway died is charged as `abandoned`, with what was known. When its real end is told after all, from a
 * spool that was found, the ledger gets the difference: a row beside the first, which stays as it was.
 */
export async function insertCorrections(db: EntityManager, late: readonly LedgerRow[]): Promise<LedgerRow[]> {
  const real = new Map(late.filter(isRealEnd).map((row) => [row.request_id, row]));
  if (real.size === 0) return [];
  const keys = [...real.values()].map(({ request_id, at }) => ({ request_id, at }));
  // As text: what is a number in Postgres need not be one in JSON.
  const found: { row: LedgerRow }[] = await db.query(
    `SELECT to_jsonb(e) || jsonb_build_object('cost_nanos', e.cost_nanos::text) AS row FROM usage_event e
       JOIN json_to_recordset($1::json) AS k(request_id text, at timestamptz) ON e.request_id = k.request_id AND e.at = k.at
      WHERE e.kind = 'final' AND e.outcome = 'abandoned'`,
    [JSON.stringify(keys)],
  );
  return insertRows(
    db,
    found.flatMap(({ row }) => {
      const end = real.get(row.request_id);
      return end ? [correctionOf(row, end)] : [];
    }),
  );
}

/** Counted where the abandoned row was, so that the two add up to the truth in every total. */
function correctionOf(abandoned: LedgerRow, end: LedgerRow): LedgerRow {
  const { outcome, status, code, estimated, unpriced, duration_ms, first_byte_ms } = end;
  const difference = Object.fromEntries(MEASURES.map((measure) => [measure, end[measure] - abandoned[measure]]));
  return {
    ...abandoned,
    ...(difference as Pick<LedgerRow, (typeof MEASURES)[number]>),
    kind: 'correction',
    // It is counted where it was admitted, whoever tells of it; what was taken out of the slice stays taken.
    hold: end.hold,
    at: end.at,
    cost_nanos: String(BigInt(end.cost_nanos) - BigInt(abandoned.cost_nanos)),
    ...{ outcome, status, code, estimated, unpriced, duration_ms, first_byte_ms },
  };
}

/** Two tell of one request in the same breath: what really happened counts, whoever came first. */
export function withoutDoubles(rows: readonly LedgerRow[]): LedgerRow[] {
  const kept = new Map<string, LedgerRow>();
  for (const row of rows) {
    const name = nameOf(row);
    const there = kept.get(name);
    if (!there || (there.outcome === 'abandoned' && row.outcome !== 'abandoned')) kept.set(name, row);
  }
  return [...kept.values()];
}

function isRealEnd({ kind, outcome }: LedgerRow): boolean {
  return kind === 'final' && outcome !== 'abandoned';
}
