import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { createLog } from '#runtime/log';
import { openPostgres } from '#runtime/postgres';
import { Housekeeping } from '#runtime/store/housekeeping';
import { type Stack, startStack } from '../../../test/stack.js';
import { LEFTOVERS } from './leftovers.js';

const LOG = createLog('keys', 'fatal');
const DAY = 86_400_000;

let stack: Stack;
let db: DataSource;
beforeAll(async () => {
  stack = await startStack();
  const place = { url: stack.servers.postgres, schema: 'keys', entities: [], migrations: [] };
  db = await openPostgres({ ...place, log: LOG });
});
afterAll(async () => {
  await db?.destroy();
  await stack?.stop();
});

class LaterClock extends Clock {
  constructor(private readonly ahead: number) {
    super();
  }

  override now(): number {
    return Date.now() + this.ahead;
  }
}

const tidier = (milliseconds: number) =>
  new Housekeeping({ db, clock: new LaterClock(milliseconds), log: LOG, service: 'keys', leftovers: LEFTOVERS });

async function count(table: string): Promise<number> {
  const [{ count }] = await db.query(`SELECT count(*)::int AS count FROM ${table}`);
  return count;
}

describe('housekeeping', () => {
  it('clears away what has served its time, in bites, and nothing else', async () => {
    await stack.admin.createKey();
    await db.query(`INSERT INTO idempotency (actor, key, request_digest, at)
                    SELECT 'service:test', n::text, 'x', now() FROM generate_series(1, 2500) n`);
    await db.query(`INSERT INTO sign_in_failure (email, ip, at) VALUES ('a@b.test', null, now())`);
    await db.query(`INSERT INTO change (revision, change, organization_id, project_id, at)
                    VALUES (1000000, 'updated', 'org', 'prj', now() + interval '1 year')`);

    expect(await tidier(DAY - 60_000).tidy()).toEqual({
      idempotency: 0,
      sign_in_failure: 0,
      change: 0,
      session: 0,
      webhook_delivery: 0,
    });
    expect(await tidier(DAY + 60_000).tidy()).toMatchObject({ idempotency: 2500, sign_in_failure: 1, change: 0 });

    const changes = await count('change');
    await db.query('UPDATE change SET told_at = NULL WHERE revision = 1');
    // Told ones only, and not the one of next year.
    expect(await tidier(8 * DAY).tidy()).toMatchObject({ change: changes - 2, session: 0 });
    // The owner's session ended long ago by then.
    expect(await tidier(365 * DAY).tidy()).toMatchObject({ session: 1 });
    expect(await count('api_key')).toBe(1);
  });

  it('is done by one replica at a time', async () => {
    await db.query(`INSERT INTO sign_in_failure (email, ip, at) VALUES ('a@b.test', null, now())`);
    await db.transaction(async (other) => {
      await other.query(`SELECT pg_advisory_xact_lock(hashtext('keyward:keys:housekeeping'))`);
      expect(await tidier(2 * DAY).tidy()).toMatchObject({ sign_in_failure: 0 });
    });
    expect(await tidier(2 * DAY).tidy()).toMatchObject({ sign_in_failure: 1 });
  });
});
