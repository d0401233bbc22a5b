import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { createLog } from '#runtime/log';
import { openPostgres } from '#runtime/postgres';
import { DAY, Housekeeping } from '#runtime/store/housekeeping';
import { rulesAt } from '../../../test/rules.js';
import { type Stack, startStack } from '../../../test/stack.js';
import { LEFTOVERS } from './leftovers.js';

const LOG = createLog('policy', 'fatal');

let stack: Stack;
let db: DataSource;
beforeAll(async () => {
  stack = await startStack();
  const place = { url: stack.servers.postgres, schema: 'policy', entities: [], migrations: [] };
  db = await openPostgres({ ...place, log: LOG });
});
afterAll(async () => {
  await db?.destroy();
  await stack?.stop();
});

function tidy(ahead: number): Promise<Record<string, number>> {
  const clock = new (class extends Clock {
    override now = () => Date.now() + ahead;
  })();
  return new Housekeeping({ db, clock, log: LOG, service: 'policy', leftovers: LEFTOVERS }).tidy();
}

async function count(table: string): Promise<number> {
  const [{ count }] = await db.query(`SELECT count(*)::int AS count FROM ${table}`);
  return count;
}

it('answers and changes that nobody can ask for again are cleared away, and neither rules nor what was not told', async () => {
  const { id } = await stack.admin.createKey();
  const rules = rulesAt(stack, `api-keys/${id}`);
  for (const models of [['a'], ['b'], ['c']])
    expect((await rules.put([{ type: 'deny_models', models }])).status).toBe(200);
  const once = { 'idempotency-key': `leftover-${id}` };
  const rule = { type: 'deny_models', models: ['d'] };
  expect((await stack.admin.call('POST', `/api/api-keys/${id}/iam-rules`, rule, once)).status).toBe(201);
  await stack.admin.call('DELETE', `/api/api-keys/${id}`);
  await db.query('UPDATE change SET told_at = NULL WHERE revision = (SELECT max(revision) FROM change)');

  expect(await tidy(DAY - 60_000)).toEqual({ idempotency: 0, change: 0 });
  expect(await tidy(DAY + 60_000)).toEqual({ idempotency: 1, change: 0 });
  expect(await tidy(8 * DAY)).toEqual({ idempotency: 0, change: 3 });
  expect([await count('change'), await count('rule_set'), await count('catalogue')]).toEqual([1, 1, 1]);
});
