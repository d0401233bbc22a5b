import type { EntityManager } from 'typeorm';
import { Refused } from '#contracts/refusals';
import { Organization } from './entities.js';

/**
 * Whoever changes who is in an organization, or what is called how in it, waits here for whoever does so already: "is
 * this the last owner", "is this name free" are asked of what is committed. Keys are made beside it unhindered.
 */
export async function lockOrganization(db: EntityManager, id: string): Promise<Organization> {
  const organization = await db.findOne(Organization, { where: { id }, lock: { mode: 'for_no_key_update' } });
  if (!organization) throw new Refused('not_found', { message: 'There is no such organization.' });
  return organization;
}
