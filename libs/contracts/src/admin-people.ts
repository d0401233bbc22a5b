import { z } from 'zod';
import { spendLimits } from './admin-money.js';
import { email, name } from './fields.js';
import { invitation, member, organization, password, role } from './people.js';
import { defaults, plan, project } from './projects.js';
import { session } from './sessions.js';

/** What `/api` takes and gives about people, their sessions, and the projects they work in. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(400).optional(),
});

export const NewPassword = z
  .strictObject({
    current_password: z
      .string()
      .min(1, 'must be the password you have now')
      .max(1024, 'must have at most 1024 characters'),
    new_password: password,
  })
  .meta({ id: 'NewPassword' });

export const SignInMethods = z
  .object({
    password: z.boolean(),
    oidc: z
      .string()
      .nullable()
      .describe('Where to send the browser to sign in with the OpenID provider; null: there is none.'),
  })
  .meta({ id: 'SignInMethods' });

export const SessionPage = pageOf(session).meta({ id: 'SessionPage' });

export const OrganizationChange = z
  .strictObject({ name: name.optional(), leak_policy: organization.shape.leak_policy.optional() })
  .meta({ id: 'OrganizationChange' });

export const MemberChange = z
  .strictObject({ name: name.optional(), role: role.optional() })
  .meta({ id: 'MemberChange' });

export const MemberPage = pageOf(member).meta({ id: 'MemberPage' });

export const NewInvitation = z.strictObject({ email, role }).meta({ id: 'NewInvitation' });

export const CreatedInvitation = invitation
  .extend({ token: z.string().optional().describe('What they accept with. In this reply only.') })
  .meta({ id: 'CreatedInvitation' });

export const InvitationPage = pageOf(invitation).meta({ id: 'InvitationPage' });

export const Acceptance = z
  .strictObject({ token: z.string().min(20).max(200), name, password })
  .meta({ id: 'Acceptance' });

export const NewProject = z
  .strictObject({
    name,
    profile: z.string().max(64).optional(),
    plan: z.string().max(64).optional(),
    defaults: defaults.partial().optional(),
    ...spendLimits,
  })
  .meta({ id: 'NewProject' });

export const ProjectChange = z
  .strictObject({
    name: name.optional(),
    plan: z.string().max(64).optional(),
    defaults: defaults.partial().optional(),
    ...spendLimits,
  })
  .meta({ id: 'ProjectChange' });

export const ProjectPage = pageOf(project).meta({ id: 'ProjectPage' });

export const PlanPage = pageOf(plan).meta({ id: 'PlanPage' });

function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), has_more: z.boolean(), next_cursor: z.string().nullable() });
}

export type PageQuery = z.output<typeof PageQuery>;
