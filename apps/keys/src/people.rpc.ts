import { PeopleRpc } from '#contracts/people';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { AcceptInvitation } from './operations/accept-invitation.js';
import { CreateOrganization } from './operations/create-organization.js';
import { GetMember } from './operations/get-member.js';
import { GetOrganization } from './operations/get-organization.js';
import { InviteMember } from './operations/invite-member.js';
import { ListInvitations } from './operations/list-invitations.js';
import { ListMembers } from './operations/list-members.js';
import { RemoveMember } from './operations/remove-member.js';
import { RevokeInvitation } from './operations/revoke-invitation.js';
import { SetPrepaid } from './operations/set-prepaid.js';
import { UpdateMember } from './operations/update-member.js';
import { UpdateOrganization } from './operations/update-organization.js';

type Calls = typeof PeopleRpc;

/** People: one call of the contract, one operation behind it. */
@Serve(PeopleRpc)
export class PeopleHandlers implements Serves<Calls> {
  constructor(
    private readonly getOrganizationOperation: GetOrganization,
    private readonly createOrganizationOperation: CreateOrganization,
    private readonly updateOrganizationOperation: UpdateOrganization,
    private readonly setPrepaidOperation: SetPrepaid,
    private readonly listMembersOperation: ListMembers,
    private readonly getMemberOperation: GetMember,
    private readonly updateMemberOperation: UpdateMember,
    private readonly removeMemberOperation: RemoveMember,
    private readonly inviteMemberOperation: InviteMember,
    private readonly listInvitationsOperation: ListInvitations,
    private readonly revokeInvitationOperation: RevokeInvitation,
    private readonly acceptInvitationOperation: AcceptInvitation,
  ) {}

  getOrganization(request: Asked<Calls['getOrganization']>) {
    return this.getOrganizationOperation.run(request);
  }

  createOrganization(request: Asked<Calls['createOrganization']>, context: CallContext) {
    return this.createOrganizationOperation.run(request, context);
  }

  updateOrganization(request: Asked<Calls['updateOrganization']>, context: CallContext) {
    return this.updateOrganizationOperation.run(request, context);
  }

  setPrepaid(request: Asked<Calls['setPrepaid']>, context: CallContext) {
    return this.setPrepaidOperation.run(request, context);
  }

  listMembers(request: Asked<Calls['listMembers']>) {
    return this.listMembersOperation.run(request);
  }

  getMember(request: Asked<Calls['getMember']>) {
    return this.getMemberOperation.run(request);
  }

  updateMember(request: Asked<Calls['updateMember']>, context: CallContext) {
    return this.updateMemberOperation.run(request, context);
  }

  removeMember(request: Asked<Calls['removeMember']>, context: CallContext) {
    return this.removeMemberOperation.run(request, context);
  }

  inviteMember(request: Asked<Calls['inviteMember']>, context: CallContext) {
    return this.inviteMemberOperation.run(request, context);
  }

  listInvitations(request: Asked<Calls['listInvitations']>) {
    return this.listInvitationsOperation.run(request);
  }

  revokeInvitation(request: Asked<Calls['revokeInvitation']>, context: CallContext) {
    return this.revokeInvitationOperation.run(request, context);
  }

  acceptInvitation(request: Asked<Calls['acceptInvitation']>, context: CallContext) {
    return this.acceptInvitationOperation.run(request, context);
  }
}
