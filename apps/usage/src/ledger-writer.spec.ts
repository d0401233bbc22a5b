import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { createLog } from '#runtime/log';
import { emptyServers } from '../../../test/stack.js';
import { usageEvent } from '../../../test/usage-events.js';
import type { UsageKit } from './kit.js';
import { LedgerWriter } from './ledger-writer.js';
import type { Retention } from './retention.js';
import { openStore } from './store/open-store.js';
import { Partitions } from './store/partitions.js';

const log = createLog('usage', 'fatal');
let db: DataSource;
let writer: LedgerWriter;
beforeAll(async () => {
  db = await openStore((await emptyServers()).postgres, log, 2);
  const retention = { logBegins: () => 0 } as Retention;
  writer = new LedgerWriter(db, retention, new Partitions(db), { log, metrics: new Registry() } as UsageKit);
});
afterAll(() => db?.destroy());
afterEach(() => db.query('DROP TRIGGER IF EXISTS fails ON usage_event'));

/** As if Postgres had this to say to whoever writes into the ledger. */
async function failWith(code: string): Promise<void> {
  await db.query(`CREATE OR REPLACE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'it says no' USING ERRCODE = '${code}'; END $$`);
  await db.query(`CREATE TRIGGER fails BEFORE INSERT ON usage_event FOR EACH ROW EXECUTE FUNCTION fails()`);
}

const write = (model: string) => writer.write([{ id: null, events: [usageEvent({ model })], denials: [] }]);
const asideOf = (model: string) =>
  db.query('SELECT 1 FROM usage_aside WHERE event LIKE $1', [`%${model}%`]) as Promise<unknown[]>;

describe('usage that could not be written', () => {
  it.each([
    ['40P01', 'two writers waited for each other'],
    ['25006', 'Postgres has become a replica'],
    ['53100', 'its disk is full'],
    ['42703', 'its schema is not that of this version'],
  ])('because of %s (%s) is tried again, and nothing of it is put aside', async (code) => {
    const model = `model-${code}`;
    await failWith(code);
    await expect(write(model)).rejects.toThrow('it says no');
    expect(await asideOf(model)).toEqual([]);
    await db.query('DROP TRIGGER fails ON usage_event');
    expect(await write(model)).toBe(1);
  });

  it('because of what is in it is put aside', async () => {
    await failWith('22003');
    expect(await write('model-of-data')).toBe(0);
    expect(await asideOf('model-of-data')).toHaveLength(1);
  });
});
