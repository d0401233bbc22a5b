import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { start as startUsage } from '../../apps/usage/src/main.js';
import { reportStatement } from '../../apps/usage/src/reports/report-statement.js';
import { walkStatement } from '../../apps/usage/src/reports/walk-statement.js';
import { emptyServers } from '../stack.js';
import { anId } from '../usage-events.js';

const organization_id = anId('organization');
const key_id = anId('key');
const WEEK = 7 * 86_400_000;

let usage: Awaited<ReturnType<typeof startUsage>>;
let db: Client;
beforeAll(async () => {
  const servers = await emptyServers();
  usage = await startUsage({
    KEYWARD_POSTGRES_URL: servers.postgres,
    KEYWARD_NATS_URL: servers.nats,
    KEYWARD_REDIS_URL: servers.redis,
    KEYWARD_LOG_LEVEL: 'fatal',
  });
  db = new Client({ connectionString: servers.postgres, options: '-c search_path=usage' });
  await db.connect();
  await fill();
}, 120_000);
afterAll(async () => {
  await db?.end();
  await usage?.stop();
});

/** A million requests in eight weeks, of a hundred organizations, each with a hundred keys. */
async function fill(): Promise<void> {
  const begins = new Date(Date.now() - 8 * WEEK);
  await db.query(
    `SELECT make_partition(t, 'week', $1::timestamptz + n * interval '1 week') FROM generate_series(0, 8) n, unnest(ARRAY['usage_event', 'usage_minute']) t`,
    [begins],
  );
  await db.query(
    `SELECT make_partition('usage_hour', 'month', $1::timestamptz + n * interval '2 weeks') FROM generate_series(0, 4) n`,
    [begins],
  );
  await db.query(
    `INSERT INTO usage_event
     SELECT 'req_' || lpad(n::text, 26, '0'), 'final', $1::timestamptz + n * interval '4.8 seconds',
            CASE n % 100 WHEN 0 THEN $2 ELSE 'org_' || n % 100 END, 'prj', CASE n % 10000 WHEN 0 THEN $3 ELSE 'key_' || n % 10000 END,
            'sec', '/v1', 'm', 'm', 'p', false, false, false, CASE n % 1000 WHEN 0 THEN 'failed' ELSE 'ok' END, 200, NULL, NULL,
            1, 0, 0, 1, 0, false, false, 1, 'USD', 0, NULL, 0, NULL, NULL, NULL, 1, 1
       FROM generate_series(1, 1000000) n`,
    [begins, organization_id, key_id],
  );
  for (const [table, unit] of [
    ['usage_hour', 'hour'],
    ['usage_minute', 'minute'],
  ])
    await db.query(
      `INSERT INTO ${table}
       SELECT organization_id, key_id, date_trunc('${unit}', at, 'UTC'), 'prj', 'm', 'p', false, 'USD', count(*), 0, 0, 1, 0, 0, 1, 0, 1
         FROM usage_event WHERE at > now() - interval '14 days' GROUP BY 1, 2, 3`,
    );
  await db.query('ANALYZE');
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}

async function nodesOf({ sql, values }: { sql: string; values: unknown[] }): Promise<Plan[]> {
  const { rows } = await db.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values);
  const all = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(all)];
  return all(rows[0]['QUERY PLAN'][0].Plan);
}

/** Of tables: what was read in passing, and how many of their rows. */
async function readBy(statement: { sql: string; values: unknown[] }) {
  // That hours and days have come so far is one row, and nobody needs an index for that.
  const isTable = (name?: string) => name !== undefined && name !== 'usage_folded';
  const nodes = (await nodesOf(statement)).filter((node) => isTable(node['Relation Name']));
  return {
    scans: nodes.filter(
      (node) => node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0 && node['Actual Rows'] > 0,
    ),
    rows: nodes.reduce((sum, node) => sum + node['Actual Rows'] * node['Actual Loops'], 0),
    parts: new Set(nodes.filter((node) => node['Actual Loops'] > 0).map((node) => node['Relation Name'])).size,
  };
}

const page = { organization_id, limit: 50 };

describe('over a million requests, nobody reads the log to answer', () => {
  it.each([
    ['a page of the log', page],
    ['a page of one key', { ...page, key_id }],
    ['what failed', { ...page, outcome: 'failed' as const }],
    ['what was refused for a reason', { ...page, code: 'model_not_allowed' }],
    ['what nobody has', { ...page, model: 'no such model' }],
    ['of one project', { ...page, project_id: anId('project') }],
    ['since a moment', { ...page, since: new Date(Date.now() - WEEK).toISOString() }],
  ])('%s', async (_, request) => {
    const { scans, rows } = await readBy(walkStatement(request, null));
    expect(scans).toEqual([]);
    // What is walked, and the pages of it twice: never what is there.
    expect(rows).toBeLessThan(12_000);
  });

  it('a page from the middle begins there', async () => {
    const after = {
      request_id: anId('request', Date.now() - 4 * WEEK),
      at: new Date(Date.now() - 4 * WEEK).toISOString(),
    };
    const { scans, rows } = await readBy(walkStatement(page, after));
    expect(scans).toEqual([]);
    expect(rows).toBeLessThan(500);
  });

  const range = { start: new Date(Date.now() - WEEK).toISOString(), end: new Date().toISOString(), limit: 1000 };
  it.each([
    ['by hour', { bucket: '1h' as const, group_by: [] }],
    ['by hour and model', { bucket: '1h' as const, group_by: ['model' as const] }],
    ['by hour, of one key', { bucket: '1h' as const, group_by: [], key_id }],
    ['by hour, key by key', { bucket: '1h' as const, group_by: ['key' as const] }],
  ])('usage %s reads the totals of its own time and tenant', async (_, asked) => {
    const { rows, scans } = await readBy(reportStatement({ organization_id, ...range, ...asked }));
    expect(scans).toEqual([]);
    expect(rows).toBeLessThan(5000);
  });
});
