import { hash } from 'node:crypto';
import type { DataSource, EntityManager, SelectQueryBuilder } from 'typeorm';
import { IsNull } from 'typeorm';
import { scopesOf } from '#domain/access/scope';
import { mayAppoint } from '#domain/access/standing';
import { Invitation, Member } from './entities.js';

type Store = DataSource | EntityManager;

/** What is kept of an invitation's token: 256 random bits need no salt, and no slow hash. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** Invitations that can still be accepted. */
export function openInvitations(db: Store, now: Date): SelectQueryBuilder<Invitation> {
  return db
    .createQueryBuilder(Invitation, 'i')
    .where('i.acceptedAt IS NULL AND i.revokedAt IS NULL AND i.expiresAt > :now', { now });
}

/**
 * Whether who invited could still do so: an invitation is no way for somebody who was removed, or has a lesser role by
 * now, to have a friend inside.
 */
export async function stillMeant(db: EntityManager, { invitedBy, organizationId, role }: Invitation): Promise<boolean> {
  const [kind, id = ''] = invitedBy.split(':');
  if (kind !== 'member') return true;
  const inviter = await db.findOneBy(Member, { id, organizationId, removedAt: IsNull() });
  return (
    inviter !== null && mayAppoint({ kind: 'member', role: inviter.role, scopes: scopesOf(inviter.role) }, null, role)
  );
}
