import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

const CHANNEL = 'nemesis_bank_moved';

/**
 * Postgres itself looks at the bank's one rule at every commit: nothing that was true for a moment only is missed. It also
 * says whenever a bucket has changed.
 */
const WATCH = `
  CREATE SCHEMA nemesis;
  CREATE TABLE nemesis.overspent (bucket text PRIMARY KEY, settled numeric, granted numeric, limit_nanos numeric);
  CREATE FUNCTION nemesis.look() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO nemesis.overspent SELECT id, settled, granted, limit_nanos FROM usage.bucket
       WHERE id = NEW.id AND settled + granted > limit_nanos ON CONFLICT DO NOTHING;
      PERFORM pg_notify('${CHANNEL}', '');
      RETURN NULL;
    END $$;
  CREATE CONSTRAINT TRIGGER nemesis_looks AFTER INSERT OR UPDATE ON usage.bucket
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nemesis.look()`;

export async function watchBank(postgres: string): Promise<void> {
  await asked(postgres, WATCH);
}

/** P1. Every bucket that was ever overspent, and by how much when it was first. */
export async function everOverspent(postgres: string): Promise<string[]> {
  const rows = await asked<Record<'bucket' | 'settled' | 'granted' | 'limit_nanos', string>>(
    postgres,
    'SELECT * FROM nemesis.overspent',
  );
  return rows.map(
    ({ bucket, settled, granted, limit_nanos }) =>
      `${bucket}: ${settled} settled + ${granted} granted > ${limit_nanos}`,
  );
}

/** Who waits until the bank moves: something was settled, granted or taken back. */
export class Movements {
  private moved = Promise.withResolvers<void>();

  private constructor(private readonly client: Client) {
    client.on('notification', () => this.moved.resolve());
  }

  static async of(postgres: string): Promise<Movements> {
    const client = connection(postgres);
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    return new Movements(client);
  }

  /** What the bank does not see, a hold without money in a till, is looked at after so long. */
  async next(milliseconds: number): Promise<void> {
    await Promise.race([this.moved.promise, sleep(milliseconds, undefined, { ref: false })]);
    this.moved = Promise.withResolvers<void>();
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

async function asked<T extends object>(postgres: string, sql: string): Promise<T[]> {
  const client = connection(postgres);
  try {
    await client.connect();
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

function connection(postgres: string): Client {
  const client = new Client({ connectionString: postgres, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  return client;
}
