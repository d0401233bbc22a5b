import { Injectable } from '@nestjs/common';
import type { PeopleRpc } from '#contracts/people';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Mutations } from '../mutation/mutations.js';
import { assertMayAppoint } from '../mutation/people.js';
import { Invitation } from '../store/entities.js';
import { openInvitations } from '../store/invitations.js';
import { lockOrganization } from '../store/locked-organization.js';

@Injectable()
export class RevokeInvitation {
  constructor(private readonly mutations: Mutations) {}

  async run(
    request: Asked<typeof PeopleRpc.revokeInvitation>,
    context: CallContext,
  ): Promise<Answers<typeof PeopleRpc.revokeInvitation>> {
    const { organization_id, invitation_id } = request;
    await this.mutations.run({
      name: 'revokeInvitation',
      organizationId: organization_id,
      needs: 'admin',
      context,
      request,
      work: async ({ db, who, now, audit }) => {
        await lockOrganization(db, organization_id);
        const invitation = await openInvitations(db, now)
          .andWhere('i.id = :invitation_id AND i.organizationId = :organization_id', { invitation_id, organization_id })
          .getOne();
        if (!invitation) throw new Refused('not_found', { message: 'There is no such open invitation.' });
        const { id, email, role } = invitation;
        assertMayAppoint(who, role, null);
        await db.update(Invitation, { id }, { revokedAt: now });
        audit({ action: 'member.invitation_revoke', subject: id, before: { email, role }, after: null });
        return null;
      },
    });
    return {};
  }
}
