import type { EntityManager } from 'typeorm';
import type { DenialCount } from '#contracts/usage';
import { arraysOf, rowsFrom } from './columns.js';
import type { LedgerRow } from './event-rows.js';
import { foldedUntil } from './folding.js';
import { ADDED, COLUMNS, FIGURES, GROUPED, SUMS } from './total-columns.js';

const LARGER = [
  { table: 'usage_hour', startOf: (minute: string) => `${minute.slice(0, 13)}:00:00.000Z` },
  { table: 'usage_day', startOf: (minute: string) => `${minute.slice(0, 10)}T00:00:00.000Z` },
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

type Total = Omit<Counted, 'at' | 'cost'> & { readonly start: string; cost: bigint };

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

/** What happened to each key in each minute: far less than what happened, and all that the totals are made of. */
function minutesOf(counted: readonly Counted[]): Total[] {
  return summed(
    counted,
    (each) => `${each.at.slice(0, 16)}:00.000Z`,
    (each) => each.key_id,
  );
}

/** In groups of one start and one key. Text of a moment is cut, and not counted out: this runs for every request there is. */
function summed<T extends Omit<Counted, 'at'>>(
  parts: readonly T[],
  startOf: (part: T) => string,
  keyOf: (part: T) => string,
): Total[] {
  const totals = new Map<string, Total>();
  for (const part of parts) {
    const [start, key_id] = [startOf(part), keyOf(part)];
    const { organization_id, project_id, model, provider, own_key, currency } = part;
    const name = nameOf(key_id, start, part);
    const total = totals.get(name);
    if (total) add(total, part);
    else
      totals.set(name, {
        ...figuresOf(part),
        organization_id,
        key_id,
        start,
        project_id,
        model,
        provider,
        own_key,
        currency,
      });
  }
  return [...totals.values()];
}

/** The one order in which everybody writes them, or two workers could wait for each other's rows. */
function inOrder(totals: readonly Total[]): Total[] {
  return totals
    .map((total) => ({ total, name: nameOf(total.key_id, total.start, total) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ total }) => total);
}

function nameOf(key_id: string, start: string, { organization_id, ...rest }: Omit<Total, 'key_id' | 'start'>): string {
  return `${organization_id}\n${key_id}\n${start}\n${rest.project_id}\n${rest.model}\n${rest.provider}\n${rest.own_key}\n${rest.currency}`;
}

/** In the transaction of the rows they come from: a row is in the ledger and in every total, or in none. */
export async function addToTotals(db: EntityManager, counted: readonly Counted[]): Promise<void> {
  if (counted.length === 0) return;
  const minutes = minutesOf(counted);
  const whole = summed(
    minutes,
    ({ start }) => start,
    () => '',
  );
  const totals = inOrder([...whole, ...minutes]);
  const until = await foldedUntil(db);
  await db.query(upsertInto('usage_minute'), arraysOf(COLUMNS, totals));
  // Most minutes are added to their hour and day when they are over (folding.ts); for these, that has been done.
  const late = totals.filter(({ start }) => start < until);
  if (late.length === 0) return;
  for (const { table, startOf } of LARGER) {
    const sums = summed(
      late,
      ({ start }) => startOf(start),
      ({ key_id }) => key_id,
    );
    await db.query(upsertInto(table), arraysOf(COLUMNS, inOrder(sums)));
  }
}

function add(total: Total, part: Figures & { cost: bigint }): void {
  for (const figure of FIGURES) total[figure] += part[figure];
  total.cost += part.cost;
}

function figuresOf(part: Figures & { cost: bigint }): Figures & { cost: bigint } {
  const { requests, denied, errors, input_tokens, cached_input_tokens, cache_write_tokens } = part;
  const { output_tokens, reasoning_tokens, cost } = part;
  return {
    ...{ requests, denied, errors, input_tokens, cached_input_tokens, cache_write_tokens },
    output_tokens,
    reasoning_tokens,
    cost,
  };
}

function upsertInto(table: string): string {
  return `INSERT INTO ${table} AS t (${GROUPED}, ${SUMS.join(', ')})
    SELECT ${Object.keys(COLUMNS).join(', ')} FROM ${rowsFrom(COLUMNS)} ${ADDED}`;
}
