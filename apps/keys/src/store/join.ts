import { randomBytes } from 'node:crypto';
import { Refused } from '#contracts/refusals';
import { newId } from '#domain/id';
import type { Doing } from '../mutation/mutations.js';
import { Invitation, Member } from './entities.js';
import { openInvitations, stillMeant } from './invitations.js';
import { lockOrganization } from './locked-organization.js';
import { assertEmailFree, auditedMember } from './members.js';

/** How somebody will be known: by a password, or by what an OpenID provider calls them. */
type Credential = Pick<Member, 'name' | 'passwordHash' | 'externalIdentity'>;

export function newMemberId(now: Date): string {
  return newId('member', now.getTime(), randomBytes(10));
}

/** An invitation becomes a member, once: whoever comes second finds it accepted. */
export async function join(
  { db, now, audit }: Doing,
  { id: invitationId, organizationId }: Invitation,
  memberId: string,
  credential: Credential,
): Promise<Member> {
  await lockOrganization(db, organizationId);
  const invitation = await openInvitations(db, now).andWhere('i.id = :invitationId', { invitationId }).getOne();
  if (!invitation || !(await stillMeant(db, invitation))) throw noInvitation();
  await assertEmailFree(db, invitation.email);
  const member: Member = {
    id: memberId,
    organizationId,
    email: invitation.email,
    role: invitation.role,
    ...credential,
    createdAt: now,
    lastSignInAt: null,
    removedAt: null,
    revision: '1',
  };
  await db.insert(Member, member);
  await db.update(Invitation, { id: invitation.id }, { acceptedAt: now });
  const after = { ...auditedMember(member), invitation_id: invitation.id };
  audit({ action: 'member.join', subject: member.id, before: null, after });
  return member;
}

/** One refusal for all: unknown, used, revoked, expired. Nobody learns here which tokens there were. */
export function noInvitation(): Refused {
  return new Refused('not_found', { message: 'This invitation is not open any more. Ask for a new one.' });
}
