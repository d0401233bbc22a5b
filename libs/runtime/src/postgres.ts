import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { Log } from './log.js';
import { PostgresConnection } from './postgres-connection.js';

type Class<T> = new () => T;

export interface Store {
  readonly url: string;
  /** The service's own Postgres schema: nobody else reads or writes it. */
  readonly schema: string;
  readonly entities: (Class<object> | EntitySchema)[];
  readonly migrations: Class<MigrationInterface>[];
  readonly log: Log;
  /** What has to be there before anybody is served. Done again, and so to be done once, where Postgres goes away in the middle. */
  readonly prepare?: (db: DataSource) => Promise<void>;
  readonly poolSize?: number;
  /** How long one statement may take: as long as somebody waits for it, unless it is work that nobody waits for. */
  readonly statementMilliseconds?: number;
}

/** Waits for Postgres as long as it takes, migrates the service's schema, and hands out a pool whose every wait has an end. */
export function openPostgres(store: Store): Promise<DataSource> {
  return throughOutages(store.log, async () => {
    await migrate(store);
    return prepared(await connect(store), store);
  });
}

/** Again and again while Postgres is away. What it refuses is thrown. */
async function throughOutages<T>(log: Log, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error)) throw error;
      if (attempt % 10 === 1) log.warn({ err: (error as Error).message }, 'waiting for postgres');
      await sleep(Math.min(100 * attempt, 1000));
    }
  }
}

async function prepared(db: DataSource, { prepare }: Store): Promise<DataSource> {
  try {
    await prepare?.(db);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** Replicas start together; one of them migrates while the others wait at the lock. */
async function migrate({ url, schema, migrations }: Store): Promise<void> {
  const lock = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  // Without a listener, a server that dies while we hold the lock would end the process.
  lock.on('error', () => {});
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock(hashtext($1))', [`keyward:${schema}`]);
    await lock.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    const source = new DataSource({
      type: 'postgres',
      url,
      schema,
      migrations,
      migrationsTableName: 'migration',
      extra: { max: 1, options: searchPath(schema) },
    });
    await source.initialize();
    try {
      await source.runMigrations({ transaction: 'each' });
    } finally {
      await source.destroy();
    }
  } finally {
    await lock.end().catch(() => {});
  }
}

async function connect({
  url,
  schema,
  entities,
  log,
  poolSize = 10,
  statementMilliseconds = 800,
}: Store): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url,
    schema,
    entities,
    connectTimeoutMS: 900,
    poolErrorHandler: (error: Error) => log.warn({ err: error.message }, 'a postgres connection broke'),
    extra: {
      max: poolSize,
      Client: PostgresConnection,
      options: searchPath(schema),
      // The server gives up first, so that a slow statement is cancelled there; the client's own limit is for a frozen server.
      statement_timeout: statementMilliseconds,
      query_timeout: statementMilliseconds + 100,
      idle_in_transaction_session_timeout: 5000,
      keepAlive: true,
    },
  });
  return source.initialize();
}

/** Raw SQL names its tables without the schema. */
function searchPath(schema: string): string {
  return `-c search_path=${schema}`;
}

const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN'],
]);
/** Broken connections, a server that is starting, stopping or full, one that has become a replica, locks that met. */
const AWAY = /^(?:08|53|57P|58).{2,3}$|^(?:25006|40001|40P01|55P03)$/;

/** Whether Postgres could not do it now (as opposed to: it was asked and said no, and would say so again). */
export function isOutage(error: unknown): boolean {
  const {
    code,
    message = '',
    driverError,
  } = (error ?? {}) as { code?: string; message?: string; driverError?: unknown };
  if (code !== undefined && (UNREACHABLE.has(code) || AWAY.test(code))) return true;
  if (driverError !== undefined && driverError !== error && isOutage(driverError)) return true;
  // `already released`: the connection broke between two statements of a transaction.
  return /timeout|terminated unexpectedly|Connection terminated|not queryable|statement timeout|already released/i.test(
    message,
  );
}
