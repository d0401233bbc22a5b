import type { EntityManager } from 'typeorm';
import type { DenialCount } from '#contracts/usage';
import type { LedgerRow } from './event-rows.js';

const MINUTE = 60_000;
const LEVELS = [
  { table: 'usage_minute', milliseconds: MINUTE },
  { table: 'usage_hour', milliseconds: 60 * MINUTE },
  { table: 'usage_day', milliseconds: 24 * 60 * MINUTE },
] as const;

/** What is added up; errors are what went wrong on the way or at the provider, not who left. */
const FIGURES = [
  'requests',
  'denied',
  'errors',
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const;

type Figures = Record<(typeof FIGURES)[number], number>;

/** Something that is counted, with what it is counted by. */
export interface Counted extends Figures {
  readonly organization_id: string;
  readonly project_id: string;
  readonly key_id: string;
  readonly at: string;
  readonly model: string;
  readonly provider: string;
  readonly own_key: boolean;
  readonly currency: string;
  readonly cost: bigint;
}

type Total = Omit<Counted, 'at' | 'cost'> & { start: string; cost: bigint };

const ERRORS = new Set(['provider_error', 'failed', 'abandoned']);

/**
 * What a row of the ledger adds to the totals. The model is the catalogue's name of what served it: what was only asked for
 * may be any text, and each text would be a row for ever.
 */
export function countedOf(row: LedgerRow): Counted {
  const denied = row.kind === 'denied';
  const { organization_id, project_id, key_id, at, own_key, currency } = row;
  const { input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens } = row;
  return {
    organization_id,
    project_id,
    key_id,
    at,
    own_key,
    currency,
    input_tokens,
    cached_input_tokens,
    cache_write_tokens,
    output_tokens,
    reasoning_tokens,
    model: row.served_model ?? (denied ? '' : row.model),
    provider: row.provider ?? '',
    requests: row.kind === 'final' ? 1 : 0,
    denied: denied ? 1 : 0,
    // A correction takes back what its abandoned request was counted as.
    errors: (row.kind === 'correction' ? -1 : 0) + (ERRORS.has(row.outcome) ? 1 : 0),
    cost: BigInt(row.cost_nanos),
  };
}

/** Denials beyond those that are kept whole. */
export function deniedOf({ organization_id, project_id, key_id, at, currency, count }: DenialCount): Counted {
  const nothing = Object.fromEntries(FIGURES.map((figure) => [figure, 0])) as Figures;
  const group = { organization_id, project_id, key_id, at, currency, model: '', provider: '', own_key: false };
  return { ...nothing, ...group, denied: count, cost: 0n };
}

/** The totals of one level, once for each key and once for the whole, in the one order that everybody writes them in. */
function totalsOf(counted: readonly Counted[], milliseconds: number): Total[] {
  const totals = new Map<string, Total>();
  for (const each of counted) {
    const start = new Date(Math.floor(Date.parse(each.at) / milliseconds) * milliseconds).toISOString();
    const { at: _, organization_id, key_id: itsKey, ...rest } = each;
    const group = `${start}\n${rest.project_id}\n${rest.model}\n${rest.provider}\n${rest.own_key}\n${rest.currency}`;
    for (const key_id of ['', itsKey]) {
      const name = `${organization_id}\n${key_id}\n${group}`;
      const total = totals.get(name);
      if (total) add(total, each);
      else totals.set(name, { ...rest, organization_id, key_id, start });
    }
  }
  return [...totals].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, total]) => total);
}

/** In the transaction of the rows they come from: a row is in the ledger and in every total, or in none. */
export async function addToTotals(db: EntityManager, counted: readonly Counted[]): Promise<void> {
  if (counted.length === 0) return;
  for (const { table, milliseconds } of LEVELS)
    await db.query(upsertInto(table), [JSON.stringify(totalsOf(counted, milliseconds).map(rowOf))]);
}

function add(total: Total, each: Counted): void {
  for (const figure of FIGURES) total[figure] += each[figure];
  total.cost += each.cost;
}

function rowOf({ cost, ...total }: Total) {
  return { ...total, cost_nanos: String(cost) };
}

const GROUP = 'organization_id, key_id, start, project_id, model, provider, own_key, currency';
const SUMS = [...FIGURES, 'cost_nanos'];

function upsertInto(table: string): string {
  return `INSERT INTO ${table} AS t (${GROUP}, ${SUMS.join(', ')})
    SELECT ${GROUP}, ${SUMS.join(', ')} FROM json_to_recordset($1::json) AS r(
      organization_id text, key_id text, start timestamptz, project_id text, model text, provider text, own_key boolean,
      currency text, ${FIGURES.map((figure) => `${figure} bigint`).join(', ')}, cost_nanos numeric)
    ON CONFLICT (${GROUP}) DO UPDATE SET ${SUMS.map((sum) => `${sum} = t.${sum} + excluded.${sum}`).join(', ')}`;
}
