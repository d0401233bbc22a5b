import type { DataSource, EntityManager } from 'typeorm';

/**
 * The changes of a service, in its tables `head` and `change`: one row is counted up as the last statement of every
 * change's transaction, so that revisions have no gaps and follow the order of commits, which a sequence would not promise.
 */

/** How far back changes can be listed: longer than anyone caches anything. */
const CACHED_MINUTES = 10;
const WIDEST_GAP = 1000;

export interface Gap<Row> {
  readonly head: number;
  readonly changes: (Row & { readonly revision: number })[];
  readonly complete: boolean;
}

/**
 * Gives the change its revision, in the transaction of the change itself: it is told if and only if it happened.
 * The last thing a transaction does, because the row of the head is locked from here until the commit.
 */
export async function appendChange(db: EntityManager, columns: Readonly<Record<string, unknown>>): Promise<number> {
  const names = Object.keys(columns);
  const [{ revision }] = await db.query(
    `WITH next AS (UPDATE head SET revision = revision + 1 RETURNING revision)
     INSERT INTO change (revision, ${names.join(', ')})
     SELECT revision, ${names.map((_, index) => `$${index + 1}`).join(', ')} FROM next RETURNING revision`,
    Object.values(columns),
  );
  return Number(revision);
}

export async function readHead(db: DataSource | EntityManager): Promise<number> {
  const [{ revision }] = await db.query('SELECT revision FROM head');
  return Number(revision);
}

/** Rows that the bus has not got yet, oldest first. */
export async function waitingChanges<Row>(db: DataSource): Promise<(Row & { revision: number; at: string })[]> {
  const rows: (Row & { revision: string; at: Date })[] = await db.query(
    'SELECT * FROM change WHERE told_at IS NULL ORDER BY revision LIMIT 200',
  );
  return rows.map((row) => ({ ...row, revision: Number(row.revision), at: row.at.toISOString() }));
}

export async function markTold(db: DataSource, revisions: number[], at: Date): Promise<void> {
  await db.query('UPDATE change SET told_at = $2 WHERE revision = ANY($1)', [revisions, at]);
}

/**
 * What changed after a revision; null: what changed while something cached may have been alive. Incomplete where that is
 * too much to list, or where changes of then have been cleared away: revisions have no gaps, so a missing one shows.
 */
export async function changesSince<Row>(
  db: DataSource,
  after: number | null,
  columns: readonly (string & keyof Row)[],
): Promise<Gap<Row>> {
  // Before the rows: a change between the two reads is then listed although it is past the head, and never the reverse.
  const head = await readHead(db);
  const since = after === null ? `at > now() - interval '${CACHED_MINUTES} minutes'` : 'revision > $1';
  const rows: (Row & { revision: string })[] = await db.query(
    `SELECT ${['revision', ...columns].join(', ')} FROM change WHERE ${since} ORDER BY revision LIMIT ${WIDEST_GAP + 1}`,
    after === null ? [] : [after],
  );
  const changes = rows.slice(0, WIDEST_GAP).map((row) => ({ ...row, revision: Number(row.revision) }));
  const listed = after === null || changes.length >= head - after;
  return { head, changes, complete: rows.length <= WIDEST_GAP && listed };
}
