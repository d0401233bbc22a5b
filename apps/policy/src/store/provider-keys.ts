import type { EntityManager } from 'typeorm';
import type { ProviderKeyView } from '#contracts/provider-keys';
import { Refused } from '#contracts/refusals';
import { placeOf } from '#domain/provider-key/seal';
import { ProviderKey } from './entities.js';

interface Which {
  readonly organization_id: string;
  readonly provider_key_id: string;
}

/** One of one tenant. The tenant is part of the predicate: an id of another's finds nothing. */
export async function findProviderKey(
  db: EntityManager,
  { organization_id, provider_key_id }: Which,
  lock = false,
): Promise<ProviderKey> {
  const where = { id: provider_key_id, organizationId: organization_id };
  const key = await db.findOne(ProviderKey, { where, ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}) });
  if (!key) throw new Refused('not_found', { message: 'There is no such provider key.' });
  return key;
}

/** The last thing a transaction does: from here until its commit every other change of a provider key waits. */
export async function countUp(db: EntityManager): Promise<number> {
  const [[row]]: [{ revision: string }[], number] = await db.query(
    'UPDATE provider_key_head SET revision = revision + 1 RETURNING revision',
  );
  return Number(row?.revision);
}

export async function readHead(db: EntityManager): Promise<number> {
  const [{ revision }] = await db.query('SELECT revision FROM provider_key_head');
  return Number(revision);
}

/** @param origins where each provider is now */
export function providerKeyView(key: ProviderKey, origins: ReadonlyMap<string, string>): ProviderKeyView {
  const { id, organizationId, projectId, provider, name, preview, origin, createdAt, createdBy, revision } = key;
  const now = origins.get(provider);
  return {
    id,
    organization_id: organizationId,
    project_id: projectId,
    provider,
    name,
    preview,
    status: now !== undefined && placeOf(now) === origin ? 'active' : 'reenter',
    created_at: createdAt.toISOString(),
    created_by: createdBy,
    revision: Number(revision),
  };
}

export function auditedProviderKey({ projectId, provider, name, preview, origin }: ProviderKey) {
  return { project_id: projectId, provider, name, preview, origin };
}
