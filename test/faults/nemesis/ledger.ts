import { Client } from 'pg';
import type { House } from './house.js';

export interface Row {
  readonly id: string;
  readonly key: string;
  readonly finals: number;
  readonly outcome: string;
  readonly estimated: boolean;
  /** With what was corrected. */
  readonly cost: bigint;
  readonly input: number;
  readonly output: number;
}

export interface Bucket {
  readonly id: string;
  readonly organization: string;
  readonly settled: bigint;
  readonly granted: bigint;
  /** Null: nothing limits it. */
  readonly limit: bigint | null;
}

const ROWS = `
  SELECT request_id AS id, max(key_id) AS key, count(*) FILTER (WHERE kind = 'final')::int AS finals,
         max(outcome) FILTER (WHERE kind = 'final') AS outcome, bool_or(estimated) AS estimated, sum(cost_nanos)::text AS cost,
         sum(input_tokens)::int AS input, sum(output_tokens)::int AS output
    FROM usage_event WHERE kind IN ('final', 'correction') GROUP BY request_id`;

const BUCKETS = `
  SELECT id, organization_id AS organization, settled::text, granted::text, limit_nanos::text AS limit FROM bucket`;

/** What the ledger and the bank say, read past everything of ours but the database. */
export async function readRows(house: House): Promise<Row[]> {
  const rows = await asked<Omit<Row, 'cost'> & { cost: string }>(house, ROWS);
  return rows.map((row) => ({ ...row, cost: BigInt(row.cost) }));
}

export async function readBuckets(house: House): Promise<Bucket[]> {
  const rows = await asked<Record<'id' | 'organization' | 'settled' | 'granted', string> & { limit: string | null }>(
    house,
    BUCKETS,
  );
  return rows.map(({ settled, granted, limit, ...row }) => ({
    ...{ ...row, settled: BigInt(settled), granted: BigInt(granted) },
    limit: limit === null ? null : BigInt(limit),
  }));
}

/** Rows nobody can read, or that do not fit: nothing may be put aside for good. */
export async function readAside(house: House): Promise<number> {
  const [row] = await asked<{ count: number }>(house, 'SELECT count(*)::int AS count FROM usage_aside');
  return row?.count ?? 0;
}

/** Whoever pays in advance does so from the moment the keys service was told. */
export async function areCreditsTold(house: House): Promise<boolean> {
  const [row] = await asked<{ told: boolean }>(
    house,
    'SELECT bool_and(told_at IS NOT NULL) AS told FROM credit_account',
  );
  return row?.told ?? false;
}

async function asked<T extends object>(house: House, sql: string): Promise<T[]> {
  const client = new Client({
    connectionString: house.services.postgres.url,
    options: '-c search_path=usage',
    connectionTimeoutMillis: 2000,
    query_timeout: 5000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
