import { type EntityManager, IsNull } from 'typeorm';
import { Refused } from '#contracts/refusals';
import { assertRevision } from '#runtime/store/revision';
import { ApiKey } from './entities.js';

interface Which {
  readonly organization_id: string;
  readonly key_id: string;
  readonly expected_revision?: number;
}

/** The key, locked until the commit: of two who change it at once the second sees what the first has done. */
export async function lockKey(
  db: EntityManager,
  { organization_id, key_id, expected_revision }: Which,
): Promise<ApiKey> {
  const where = { id: key_id, organizationId: organization_id, deletedAt: IsNull() };
  const key = await db.findOne(ApiKey, { where, lock: { mode: 'pessimistic_write' } });
  if (!key) throw new Refused('not_found', { message: 'There is no such key.' });
  assertRevision(key.revision, expected_revision);
  return key;
}

export async function writeKey(db: EntityManager, id: string, columns: Partial<ApiKey>, now: Date): Promise<void> {
  await db
    .createQueryBuilder()
    .update(ApiKey)
    .set({ ...columns, updatedAt: now, revision: () => 'revision + 1' } as never)
    .where('id = :id', { id })
    .execute();
}
