import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { newId } from '#domain/id';
import { hashPassword } from '../password.js';
import { Member, Organization, Project } from './entities.js';

/** An empty installation gets an organization, a project that caps nothing, and the owner who may sign in. */
export async function ensureFirstOwner(
  db: DataSource,
  owner: { email?: string; password?: string },
  now: Date,
): Promise<void> {
  if (!owner.email || !owner.password) return;
  const passwordHash = await hashPassword(owner.password);
  await db.transaction(async (tx) => {
    // Replicas start together; the second one finds the first one's organization.
    await tx.query("SELECT pg_advisory_xact_lock(hashtext('keyward:first-owner'))");
    if (await tx.existsBy(Organization, {})) return;
    const id = (kind: 'organization' | 'project' | 'member') => newId(kind, now.getTime(), randomBytes(10));
    const organizationId = id('organization');
    await tx.insert(Organization, { id: organizationId, name: 'My organization', createdAt: now });
    await tx.insert(Project, {
      id: id('project'),
      organizationId,
      name: 'Default',
      profile: 'keyward',
      plan: 'enterprise',
      createdAt: now,
    });
    await tx.insert(Member, {
      id: id('member'),
      organizationId,
      email: owner.email,
      name: 'Owner',
      role: 'owner',
      passwordHash,
      createdAt: now,
    });
  });
}
