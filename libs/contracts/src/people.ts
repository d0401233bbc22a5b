import { z } from 'zod';
import { ROLES } from '#domain/access/scope';
import { email, id, moment, name, revision } from './fields.js';
import { project } from './projects.js';
import { rpc } from './rpc.js';

export const role = z.enum(ROLES);

export const password = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(1024, 'must have at most 1024 characters');

export const organization = z
  .object({
    id: id('organization'),
    name,
    /** What happens to a key that was found in public. */
    leak_policy: z.enum(['disable', 'flag']),
    prepaid: z.array(z.string().length(3)).describe('The currencies in which it pays in advance.'),
    created_at: moment,
    revision,
  })
  .meta({ id: 'Organization' });

export const member = z
  .object({
    id: id('member'),
    organization_id: id('organization'),
    email,
    name,
    role,
    created_at: moment,
    last_sign_in_at: moment.nullable(),
    revision,
  })
  .meta({ id: 'Member' });

export const invitation = z
  .object({
    id: id('invitation'),
    email,
    role,
    invited_by: z.string(),
    created_at: moment,
    expires_at: moment,
    status: z.enum(['open', 'accepted', 'revoked', 'expired']),
  })
  .meta({ id: 'Invitation' });

const tenant = { organization_id: id('organization') };
const expected = {
  expected_revision: revision.optional().describe('Refused where it is not at this revision any more.'),
};
const page = { limit: z.int().min(1).max(100).default(50), cursor: z.string().max(400).optional() };
/** Somebody has come in. */
export const opened = z.object({ session_id: id('session'), expires_at: moment, member });

export const PeopleRpc = {
  getOrganization: rpc({
    subject: 'keyward.keys.get_organization',
    summary: 'The organization.',
    request: z.strictObject(tenant),
    reply: organization,
  }),
  createOrganization: rpc({
    subject: 'keyward.keys.create_organization',
    summary: 'A new tenant, with its owner and a first project. For services of the platform, not for members.',
    request: z.strictObject({
      name,
      owner: z.strictObject({ email, name: name.optional(), password }),
      project: z
        .strictObject({
          name: name.default('Default'),
          profile: z.string().default('keyward'),
          plan: z.string().optional(),
        })
        .prefault({}),
    }),
    reply: z.object({ organization, owner: member, project }),
  }),
  updateOrganization: rpc({
    subject: 'keyward.keys.update_organization',
    summary: 'Change the organization.',
    request: z.strictObject({
      ...tenant,
      ...expected,
      name: name.optional(),
      leak_policy: organization.shape.leak_policy.optional(),
    }),
    reply: organization,
  }),
  setPrepaid: rpc({
    subject: 'keyward.keys.set_prepaid',
    summary: 'The organization pays in advance in this currency from now on. For the service that holds its credits.',
    request: z.strictObject({ ...tenant, currency: organization.shape.prepaid.element }),
    reply: organization,
  }),
  listMembers: rpc({
    subject: 'keyward.keys.list_members',
    summary: 'The people of the organization.',
    request: z.strictObject({ ...tenant, ...page }),
    reply: z.object({ members: z.array(member), next_cursor: z.string().nullable() }),
  }),
  getMember: rpc({
    subject: 'keyward.keys.get_member',
    summary: 'One member.',
    request: z.strictObject({ ...tenant, member_id: id('member') }),
    reply: member,
  }),
  updateMember: rpc({
    subject: 'keyward.keys.update_member',
    summary: 'Change a member’s name or role. The last owner stays one.',
    request: z.strictObject({
      ...tenant,
      member_id: id('member'),
      ...expected,
      name: name.optional(),
      role: role.optional(),
    }),
    reply: member,
  }),
  removeMember: rpc({
    subject: 'keyward.keys.remove_member',
    summary: 'Remove a member: all sessions end at once. Keys they made stay.',
    request: z.strictObject({ ...tenant, member_id: id('member'), ...expected }),
    reply: z.object({}),
  }),
  inviteMember: rpc({
    subject: 'keyward.keys.invite_member',
    summary: 'Invite somebody. The token, shown once, is what they accept with.',
    request: z.strictObject({ ...tenant, email, role }),
    reply: invitation.extend({ token: z.string().optional().describe('Shown once: an idempotent replay has none.') }),
  }),
  listInvitations: rpc({
    subject: 'keyward.keys.list_invitations',
    summary: 'Who was invited.',
    request: z.strictObject({ ...tenant, ...page }),
    reply: z.object({ invitations: z.array(invitation), next_cursor: z.string().nullable() }),
  }),
  revokeInvitation: rpc({
    subject: 'keyward.keys.revoke_invitation',
    summary: 'Take an invitation back.',
    request: z.strictObject({ ...tenant, invitation_id: id('invitation') }),
    reply: z.object({}),
  }),
  acceptInvitation: rpc({
    subject: 'keyward.keys.accept_invitation',
    summary: 'Become a member with an invitation’s token, and open a session.',
    request: z.strictObject({ token: z.string().min(20).max(200), name, password }),
    reply: opened,
  }),
};

export type Organization = z.output<typeof organization>;
export type Member = z.output<typeof member>;
export type Invitation = z.output<typeof invitation>;
