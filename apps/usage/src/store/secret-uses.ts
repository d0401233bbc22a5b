import type { DataSource } from 'typeorm';
import type { SecretUse } from '#contracts/usage';
import { arraysOf, rowsFrom } from './columns.js';

const COLUMNS = { secret_id: 'text', key_id: 'text', organization_id: 'text', at: 'timestamptz' };

/** Only ever forward: told twice, late or out of order, the latest use stays the latest. */
export async function writeUses(db: DataSource, uses: readonly SecretUse[]): Promise<void> {
  await db.query(
    `INSERT INTO secret_use AS u (secret_id, key_id, organization_id, last_used_at)
     SELECT secret_id, key_id, organization_id, max(at)
       FROM ${rowsFrom(COLUMNS)}
      GROUP BY secret_id, key_id, organization_id
      -- Always in the same order, or two workers could wait for each other's rows.
      ORDER BY secret_id
     ON CONFLICT (secret_id) DO UPDATE SET last_used_at = excluded.last_used_at
      WHERE u.last_used_at < excluded.last_used_at`,
    arraysOf(COLUMNS, uses),
  );
}

/** By key, the latest first. */
export async function usesOf(
  db: DataSource,
  organizationId: string,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, { secret_id: string; last_used_at: string }[]>> {
  const rows: { secret_id: string; key_id: string; last_used_at: Date }[] = await db.query(
    `SELECT secret_id, key_id, last_used_at FROM secret_use
      WHERE organization_id = $1 AND key_id = ANY($2) ORDER BY last_used_at DESC`,
    [organizationId, keyIds],
  );
  const byKey = new Map<string, { secret_id: string; last_used_at: string }[]>();
  for (const { secret_id, key_id, last_used_at } of rows) {
    const uses = byKey.get(key_id) ?? [];
    uses.push({ secret_id, last_used_at: last_used_at.toISOString() });
    byKey.set(key_id, uses);
  }
  return byKey;
}
