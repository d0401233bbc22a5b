import type { DataSource, EntityManager } from 'typeorm';

/** How each table is cut by time. */
const PARTITIONED = [
  { table: 'usage_event', period: 'week' },
  { table: 'usage_minute', period: 'week' },
  { table: 'usage_hour', period: 'month' },
  { table: 'usage_day', period: 'year' },
] as const;

const WEEK_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** The parts of the tables that are there, as far as this process has seen: a row needs one to go to. */
export class Partitions {
  private readonly made = new Set<number>();

  constructor(private readonly db: DataSource) {}

  /** For each of the moments. The usual answer is in memory; what is made has been made ahead by `retention.ts`. */
  async ensure(moments: Iterable<number>): Promise<void> {
    // The smallest part is a week: whoever has that one has the larger ones around it, but for a week across two of them.
    const days = new Set([...moments].map((moment) => Math.floor(moment / (WEEK_MILLISECONDS / 7))));
    const unseen = [...days].filter((day) => !this.made.has(day)).sort((one, other) => one - other);
    if (unseen.length === 0) return;
    const parts = unseen.flatMap((day) =>
      PARTITIONED.map((cut) => ({ ...cut, moment: new Date((day * WEEK_MILLISECONDS) / 7).toISOString() })),
    );
    await this.db.query(
      `SELECT make_partition(p.table, p.period, p.moment)
         FROM json_to_recordset($1::json) AS p("table" text, period text, moment timestamptz)`,
      [JSON.stringify(parts)],
    );
    for (const day of unseen) this.made.add(day);
  }

  /** The parts of a table that end before a moment. */
  async endedBefore(table: string, moment: Date): Promise<string[]> {
    const found: { name: string }[] = await this.db.query(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass($1)
          AND (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''(.+)''\\)'))[1]::timestamptz <= $2
        ORDER BY c.relname`,
      [table, moment],
    );
    return found.map(({ name }) => name);
  }

  /** Waits for nobody for long: whoever writes would have to wait behind it. */
  async drop(name: string, before?: (db: EntityManager) => Promise<unknown>): Promise<void> {
    await this.db.transaction(async (db) => {
      await db.query(`SET LOCAL lock_timeout = '300ms'`);
      await db.query(`LOCK TABLE "${name}" IN ACCESS EXCLUSIVE MODE`);
      await before?.(db);
      await db.query(`DROP TABLE "${name}"`);
    });
    this.made.clear();
  }
}
