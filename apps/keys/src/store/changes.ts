import type { DataSource, EntityManager } from 'typeorm';
import type { KeyChange, KeysRpc, Leak } from '#contracts/keys';
import type { Answers } from '#contracts/rpc';
import { appendChange, changesSince, waitingChanges } from '#runtime/store/change-log';

/** What one transaction tells of one key, of the keys of one project, or of all keys. */
export type Change = Omit<KeyChange, 'revision' | 'at'> & { readonly leak?: Leak };

/** The same, with its place among all changes. */
export type Untold = KeyChange & { readonly leak: Leak | null };

export async function recordChange(db: EntityManager, change: Change, at: Date): Promise<number> {
  const { organization_id, project_id, key_id, leak = null } = change;
  const revision = await appendChange(db, { change: change.change, organization_id, project_id, key_id, at, leak });
  // Locked by whoever changes it: nobody waits here while the head is held.
  if (key_id !== null) await db.query('UPDATE api_key SET change_revision = $2 WHERE id = $1', [key_id, revision]);
  else if (project_id !== null)
    await db.query('UPDATE project SET change_revision = $2 WHERE id = $1', [project_id, revision]);
  return revision;
}

export function untoldChanges(db: DataSource): Promise<Untold[]> {
  return waitingChanges<Omit<Untold, 'revision' | 'at'>>(db);
}

/** What gateways ask who have missed an event. */
export function changesAfter(db: DataSource, after: number | null): Promise<Answers<typeof KeysRpc.listChanges>> {
  return changesSince<{ project_id: string | null; key_id: string | null }>(db, after, ['project_id', 'key_id']);
}
