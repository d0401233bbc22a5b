import type { DataSource, EntityManager } from 'typeorm';
import { z } from 'zod';
import { arraysOf, rowsFrom } from './columns.js';
import type { LedgerRow } from './event-rows.js';

const COLUMNS = { organization_id: 'text', rule_id: 'text', start: 'timestamptz', requests: 'bigint' };

type Observed = Record<'organization_id' | 'rule_id' | 'start', string> & { requests: number };

/** As much of a trace as says which rules would have refused the request. */
const observing = z.object({ observed: z.array(z.string()) });

/**
 * Counts, for each rule and hour, the requests that went through and that it would have refused. In the transaction of
 * the rows they come from, so that a request counts once; and in one order, or two workers could wait for each other.
 */
export async function addObserved(db: EntityManager, rows: readonly LedgerRow[]): Promise<void> {
  const counts = new Map<string, Observed>();
  for (const { kind, trace, organization_id, at } of rows) {
    // What was refused for another reason is refused anyway; a correction is of a request that was counted.
    if (kind !== 'final' || trace === undefined) continue;
    const start = `${at.slice(0, 13)}:00:00.000Z`;
    for (const rule_id of new Set(observing.safeParse(trace).data?.observed)) {
      const name = `${organization_id}\n${rule_id}\n${start}`;
      const before = counts.get(name);
      if (before) before.requests++;
      else counts.set(name, { organization_id, rule_id, start, requests: 1 });
    }
  }
  if (counts.size === 0) return;
  const sorted = [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, observed]) => observed);
  await db.query(
    `INSERT INTO observed_hour AS o (organization_id, rule_id, start, requests)
     SELECT organization_id, rule_id, start, requests FROM ${rowsFrom(COLUMNS)}
     ON CONFLICT (organization_id, rule_id, start) DO UPDATE SET requests = o.requests + excluded.requests`,
    arraysOf(COLUMNS, sorted),
  );
}

/** What rules of an organization would have refused since two moments; those that would have refused nothing are left out. */
export async function readObserved(
  db: DataSource,
  organizationId: string,
  ruleIds: readonly string[],
  { day, week }: { readonly day: Date; readonly week: Date },
): Promise<ReadonlyMap<string, { readonly day: number; readonly week: number }>> {
  const rows: { rule_id: string; day: string | null; week: string }[] = await db.query(
    `SELECT rule_id, sum(requests) FILTER (WHERE start > $3) AS day, sum(requests) AS week FROM observed_hour
      WHERE organization_id = $1 AND rule_id = ANY ($2) AND start > $4 GROUP BY rule_id`,
    [organizationId, ruleIds, day, week],
  );
  return new Map(rows.map((row) => [row.rule_id, { day: Number(row.day ?? 0), week: Number(row.week) }]));
}
