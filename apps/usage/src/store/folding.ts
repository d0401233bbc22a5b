import type { DataSource, EntityManager } from 'typeorm';
import { ADDED, GROUPED, SUMS } from './total-columns.js';

const LOCK = `hashtext('keyward:usage:folding')`;
const MINUTE = 60_000;

/**
 * Where the minutes end that are in hours and days already. It stays there until the commit: who adds to minutes after it has
 * no more to do, and who adds to one before it adds to the hour and the day as well.
 */
export async function foldedUntil(db: EntityManager): Promise<string> {
  // A statement of its own: one that waited here would look at what was there before it waited.
  await db.query(`SELECT pg_advisory_xact_lock_shared(${LOCK})`);
  return (await readUntil(db)).toISOString();
}

export async function readUntil(db: DataSource | EntityManager): Promise<Date> {
  const [row]: { until: Date }[] = await db.query('SELECT until FROM usage_folded');
  if (!row) throw new Error('usage_folded has no row');
  return row.until;
}

/** Adds some more minutes to hours and days, from where it was left. False: there are none that end before then. */
export async function foldMinutes(db: DataSource, before: number, most: number): Promise<boolean> {
  const last = Math.floor(before / MINUTE) * MINUTE;
  // The usual answer, for which nobody has to wait.
  if (last <= (await readUntil(db)).getTime()) return false;
  return db.transaction(async (db) => {
    await db.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    const from = await readUntil(db);
    const to = new Date(Math.min(last, from.getTime() + most * MINUTE));
    if (to <= from) return false;
    await db.query(foldInto('usage_hour', 'hour'), [from, to]);
    await db.query(foldInto('usage_day', 'day'), [from, to]);
    await db.query('UPDATE usage_folded SET until = $1', [to]);
    return true;
  });
}

function foldInto(table: string, period: string): string {
  const group = GROUPED.replace('start', `date_trunc('${period}', start, 'UTC')`);
  return `INSERT INTO ${table} AS t (${GROUPED}, ${SUMS.join(', ')})
    SELECT ${group}, ${SUMS.map((sum) => `sum(${sum})`).join(', ')} FROM usage_minute WHERE start >= $1 AND start < $2
     GROUP BY ${group} ${ADDED}`;
}
