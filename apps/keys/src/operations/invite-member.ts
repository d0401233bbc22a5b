import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { PeopleRpc } from '#contracts/people';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { newId } from '#domain/id';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { assertMayAppoint } from '../mutation/people.js';
import { Invitation } from '../store/entities.js';
import { invitationView } from '../store/invitation-view.js';
import { openInvitations, tokenDigest } from '../store/invitations.js';
import { lockOrganization } from '../store/locked-organization.js';
import { memberByEmail } from '../store/members.js';

type Request = Asked<typeof PeopleRpc.inviteMember>;
type Answer = Answers<typeof PeopleRpc.inviteMember>;

const WEEK_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

@Injectable()
export class InviteMember {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { answer } = await this.mutations.run<Answer>({
      name: 'inviteMember',
      organizationId: request.organization_id,
      needs: 'admin',
      context,
      request,
      work: (doing) => this.invite(doing, request),
      keep: ({ token: _, ...answer }) => answer,
    });
    return answer;
  }

  private async invite({ db, who, now, audit }: Doing, request: Request): Promise<Answer> {
    const { organization_id: organizationId, email, role } = request;
    assertMayAppoint(who, null, role);
    await lockOrganization(db, organizationId);
    // Members of other tenants are none of this one's business: whoever is one cannot accept, and is told so then.
    const member = await memberByEmail(db, email);
    if (member?.organizationId === organizationId)
      throw new Refused('conflict', { message: `${email} is a member already.`, param: 'email' });
    const invited = await openInvitations(db, now)
      .andWhere('i.organizationId = :organizationId AND lower(i.email) = lower(:email)', { organizationId, email })
      .getExists();
    if (invited)
      throw new Refused('conflict', {
        message: `${email} is invited already. Revoke it to invite anew.`,
        param: 'email',
      });
    const token = `kwi_${randomBytes(32).toString('base64url')}`;
    const invitation: Invitation = {
      id: newId('invitation', now.getTime(), randomBytes(10)),
      organizationId,
      email,
      role,
      tokenDigest: tokenDigest(token),
      invitedBy: who.name,
      createdAt: now,
      expiresAt: new Date(now.getTime() + WEEK_MILLISECONDS),
      acceptedAt: null,
      revokedAt: null,
    };
    await db.insert(Invitation, invitation);
    audit({ action: 'member.invite', subject: invitation.id, before: null, after: { email, role } });
    return { ...invitationView(invitation, now), token };
  }
}
