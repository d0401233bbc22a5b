import type { DataSource, EntityManager } from 'typeorm';
import type { KeyChange, KeysRpc, Leak } from '#contracts/keys';
import type { Answers } from '#contracts/rpc';

type Changes = Answers<typeof KeysRpc.listChanges>;

/** How far back `listChanges` can list: longer than anyone caches a key. */
const CACHED_KEY_MINUTES = 10;
const WIDEST_GAP = 1000;

/** What one transaction tells of one key, of the keys of one project, or of all keys. */
export type Change = Omit<KeyChange, 'revision' | 'at'> & { readonly leak?: Leak };

/** The same, with its place among all changes. */
export type Untold = KeyChange & { readonly leak: Leak | null };

interface ChangeRow {
  revision: string;
  change: KeyChange['change'];
  organization_id: string | null;
  project_id: string | null;
  key_id: string | null;
  at: Date;
  leak: Leak | null;
}

/**
 * Gives the change its revision, in the transaction of the change itself: it is told if and only if it happened.
 * The last thing a transaction does, because the row of the head is locked from here until the commit.
 */
export async function recordChange(db: EntityManager, change: Change, at: Date): Promise<number> {
  const [{ revision }] = await db.query(
    `WITH next AS (UPDATE head SET revision = revision + 1 RETURNING revision)
     INSERT INTO change (revision, change, organization_id, project_id, key_id, at, leak)
     SELECT revision, $1, $2, $3, $4, $5, $6 FROM next RETURNING revision`,
    [change.change, change.organization_id, change.project_id, change.key_id, at, change.leak ?? null],
  );
  return Number(revision);
}

export async function readHead(db: DataSource): Promise<number> {
  const [{ revision }] = await db.query('SELECT revision FROM head');
  return Number(revision);
}

export async function untoldChanges(db: DataSource): Promise<Untold[]> {
  const rows: ChangeRow[] = await db.query('SELECT * FROM change WHERE told_at IS NULL ORDER BY revision LIMIT 200');
  return rows.map((row) => ({ ...row, revision: Number(row.revision), at: row.at.toISOString() }));
}

export async function markTold(db: DataSource, revisions: number[], at: Date): Promise<void> {
  await db.query('UPDATE change SET told_at = $2 WHERE revision = ANY($1)', [revisions, at]);
}

/**
 * What changed after a revision; null: what changed while a cached key may have been alive. Incomplete where that is
 * too much to list, or where changes of then have been cleared away: revisions have no gaps, so a missing one shows.
 */
export async function changesAfter(db: DataSource, after: number | null): Promise<Changes> {
  // Before the rows: a change between the two reads is then listed although it is past the head, and never the reverse.
  const head = await readHead(db);
  const since = after === null ? `at > now() - interval '${CACHED_KEY_MINUTES} minutes'` : 'revision > $1';
  const rows: { revision: string; project_id: string | null; key_id: string | null }[] = await db.query(
    `SELECT revision, project_id, key_id FROM change WHERE ${since} ORDER BY revision LIMIT ${WIDEST_GAP + 1}`,
    after === null ? [] : [after],
  );
  const changes = rows.slice(0, WIDEST_GAP).map((row) => ({ ...row, revision: Number(row.revision) }));
  const listed = after === null || changes.length >= head - after;
  return { head, changes, complete: rows.length <= WIDEST_GAP && listed };
}
