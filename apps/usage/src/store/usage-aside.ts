import type { DataSource } from 'typeorm';

/** What cannot be written is kept as text, for somebody to look at: it is somebody's money. */
export async function putAside(db: DataSource, what: unknown, reason: string): Promise<void> {
  await db.query('INSERT INTO usage_aside (event, reason) VALUES ($1, $2)', [
    JSON.stringify(what).toWellFormed(),
    reason.replaceAll('\0', '').toWellFormed().slice(0, 500),
  ]);
}
