import { describe, expect, it } from '@jest/globals';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { eventually } from '../../../test/eventually.js';
import { createLog } from './log.js';
import { isOutage, openPostgres } from './postgres.js';
import { PostgresConnection } from './postgres-connection.js';

describe('an outage of Postgres', () => {
  it.each([
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['a server that is being stopped', { driverError: { code: '57P01' } }],
    ['a machine that is gone', Object.assign(new Error('connect'), { code: 'EHOSTUNREACH' })],
    ['a server that is a replica now', { driverError: { code: '25006' }, message: 'cannot execute INSERT' }],
    ['a server whose disk is full', { driverError: { code: '53100' }, message: 'could not extend file' }],
    ['two who waited for each other', { driverError: { code: '40P01' }, message: 'deadlock detected' }],
    ['a connection that breaks between two statements of a transaction', new QueryRunnerAlreadyReleasedError()],
    [
      'the same, where the driver tells it',
      new Error('Database connection provided by a query runner was already released, cannot continue to use it.'),
    ],
  ])('is %s', (_, error) => {
    expect(isOutage(error)).toBe(true);
  });

  it('is not a statement that Postgres has refused', () => {
    expect(isOutage({ driverError: { code: '23505' }, message: 'duplicate key value' })).toBe(false);
  });
});

describe('a connection', () => {
  it('that breaks while nobody has it ends nothing else', () => {
    expect(() => new PostgresConnection().emit('error', new Error('terminated'))).not.toThrow();
  });
});

describe('a server that falls silent in a transaction', () => {
  it('leaves nothing of it to whoever has the connection next', async () => {
    const schema = `silent_${process.env.JEST_WORKER_ID}`;
    const url = process.env.KEYWARD_TEST_POSTGRES_URL ?? '';
    const log = createLog('test', 'fatal');
    const limits = { poolSize: 1, statementMilliseconds: 200 };
    const db = await openPostgres({ url, schema, entities: [], migrations: [], log, ...limits });
    await db.query('CREATE TABLE IF NOT EXISTS told (what text); TRUNCATE told');
    const silent = db.transaction(async (tx) => {
      // As if it were frozen: the server itself sees no reason to give up.
      await tx.query('SET LOCAL statement_timeout = 0');
      await tx.query(`INSERT INTO told VALUES ('half')`);
      await tx.query('SELECT pg_sleep(0.75)');
    });
    await expect(silent).rejects.toThrow('Query read timeout');
    const next = () => db.transaction((tx) => tx.query(`INSERT INTO told VALUES ('next')`));
    const isTold = () =>
      next().then(
        () => true,
        () => false,
      );
    await eventually(isTold, Boolean);
    expect(await db.query('SELECT what FROM told')).toEqual([{ what: 'next' }]);
    await db.destroy();
  });
});

describe('what has to be there before anybody is served', () => {
  const store = {
    url: process.env.KEYWARD_TEST_POSTGRES_URL ?? '',
    schema: `prepared_${process.env.JEST_WORKER_ID}`,
    ...{ entities: [], migrations: [], log: createLog('test', 'fatal') },
  };

  it('is done again where Postgres goes away in the middle of it', async () => {
    let tries = 0;
    const prepare = async () => {
      if (++tries === 1) throw new Error('Query read timeout');
    };
    const db = await openPostgres({ ...store, prepare });
    expect(tries).toBe(2);
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await db.destroy();
  });

  it('ends the start where it is refused', async () => {
    const prepare = () => Promise.reject(new Error('no such owner'));
    await expect(openPostgres({ ...store, prepare })).rejects.toThrow('no such owner');
  });
});
