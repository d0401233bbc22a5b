import type { EntityManager } from 'typeorm';
import type { UsageEvent } from '#contracts/usage';
import { bornAt } from '#domain/id';
import { arraysOf, rowsFrom } from './columns.js';

/** A row of the ledger, as it is written. */
export interface LedgerRow extends Omit<UsageEvent, 'kind'> {
  readonly kind: UsageEvent['kind'] | 'correction';
  readonly till: string | null;
  readonly till_epoch: number | null;
}

const COLUMNS = {
  request_id: 'text',
  kind: 'text',
  at: 'timestamptz',
  organization_id: 'text',
  project_id: 'text',
  key_id: 'text',
  secret_id: 'text',
  endpoint: 'text',
  model: 'text',
  served_model: 'text',
  provider: 'text',
  own_key: 'boolean',
  prepaid: 'boolean',
  stream: 'boolean',
  outcome: 'text',
  status: 'integer',
  code: 'text',
  trace: 'jsonb',
  input_tokens: 'bigint',
  cached_input_tokens: 'bigint',
  cache_write_tokens: 'bigint',
  output_tokens: 'bigint',
  reasoning_tokens: 'bigint',
  estimated: 'boolean',
  unpriced: 'boolean',
  cost_nanos: 'numeric',
  currency: 'text',
  spend_epoch: 'integer',
  window_start: 'timestamptz',
  project_spend_epoch: 'integer',
  project_window_start: 'timestamptz',
  till: 'text',
  till_epoch: 'bigint',
  duration_ms: 'integer',
  first_byte_ms: 'integer',
};

const NAMES = Object.keys(COLUMNS).join(', ');
const INSERT = `INSERT INTO usage_event (${NAMES})
  SELECT ${NAMES} FROM ${rowsFrom(COLUMNS)}
  ON CONFLICT DO NOTHING RETURNING request_id, kind`;

/**
 * The moment is read off the id, which the gateway minted when it admitted the request: whatever else is said of it, the
 * same request always meets its own row.
 */
export function rowOf(event: UsageEvent): LedgerRow {
  return {
    ...event,
    at: new Date(bornAt(event.request_id)).toISOString(),
    endpoint: storable(event.endpoint),
    model: storable(event.model),
    served_model: event.served_model && storable(event.served_model),
    provider: event.provider && storable(event.provider),
    trace:
      event.trace === undefined ? undefined : JSON.parse(JSON.stringify(event.trace), (_, part) => storablePart(part)),
    till: event.hold?.till ?? null,
    till_epoch: event.hold?.epoch ?? null,
  };
}

/** Writes the rows that are not there yet, and says which those were. In the order of their keys, or two workers could wait for each other. */
export async function insertRows(db: EntityManager, rows: readonly LedgerRow[]): Promise<LedgerRow[]> {
  if (rows.length === 0) return [];
  const sorted = [...rows].sort(inOrder);
  const inserted: { request_id: string; kind: string }[] = await db.query(INSERT, arraysOf(COLUMNS, sorted));
  if (inserted.length === sorted.length) return sorted;
  const fresh = new Set(inserted.map(nameOf));
  return sorted.filter((row) => fresh.has(nameOf(row)));
}

function inOrder(one: LedgerRow, other: LedgerRow): number {
  if (one.request_id !== other.request_id) return one.request_id < other.request_id ? -1 : 1;
  return one.kind < other.kind ? -1 : 1;
}

export function nameOf({ request_id, kind }: { request_id: string; kind: string }): string {
  return `${request_id} ${kind}`;
}

/** What clients name is any text; Postgres keeps no NUL and no half of a surrogate pair, and nobody needs a megabyte of it. */
const LONGEST_TEXT = 256;
function storable(text: string): string {
  return text.slice(0, LONGEST_TEXT).replaceAll('\0', '\ufffd').toWellFormed();
}

function storablePart(part: unknown): unknown {
  return typeof part === 'string' ? storable(part) : part;
}
