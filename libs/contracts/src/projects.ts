import { z } from 'zod';
import { count, id, moment, name, revision } from './fields.js';
import { limits } from './key.js';
import { rpc } from './rpc.js';

/** What a project gives its keys where they have nothing of their own; null: what the plan gives. */
export const defaults = z.strictObject({
  rate_limit: count(1_000_000).nullable(),
  token_limit: count(1_000_000_000).nullable(),
  max_parallel: count(100_000).nullable(),
});

export const project = z
  .object({
    id: id('project'),
    organization_id: id('organization'),
    name,
    profile: z.string(),
    plan: z.string(),
    currency: z.string().length(3),
    defaults,
    budget: limits.budget.describe('All-time spend limit of all its keys together; null: none.'),
    recurring_limit: limits.recurring_limit.describe('The same of each window; null: none.'),
    /** The anchor of the recurring limit: the moment it was set. */
    recurring_since: moment.nullable(),
    /** Counts resets of the project’s spend. */
    spend_epoch: z.int().min(0),
    keys: z
      .object({ used: z.int().min(0), allowed: z.int().min(0).nullable() })
      .describe('How many of the plan’s keys are used; null: no cap.'),
    created_at: moment,
    revision,
  })
  .meta({ id: 'Project' });

export const plan = z
  .object({
    profile: z.string(),
    name: z.string(),
    keys_per_project: z.int().nullable(),
    rate_limit: z.int().nullable(),
    max_rate_limit: z.int().nullable(),
    token_limit: z.int().nullable(),
    max_token_limit: z.int().nullable(),
  })
  .meta({ id: 'Plan' });

const tenant = { organization_id: id('organization') };
const expected = {
  expected_revision: revision.optional().describe('Refused where it is not at this revision any more.'),
};
const page = { limit: z.int().min(1).max(100).default(50), cursor: z.string().max(400).optional() };

export const ProjectsRpc = {
  createProject: rpc({
    subject: 'keyward.keys.create_project',
    summary: 'A new project, with a profile and a plan of that profile.',
    request: z.strictObject({
      ...tenant,
      name,
      profile: z.string().max(64).default('keyward'),
      plan: z.string().max(64).optional().describe('The profile’s first plan where left out.'),
      defaults: defaults.partial().default({}),
      budget: limits.budget.default(null),
      recurring_limit: limits.recurring_limit.default(null),
    }),
    reply: project,
  }),
  getProject: rpc({
    subject: 'keyward.keys.get_project',
    summary: 'One project.',
    request: z.strictObject({ ...tenant, project_id: id('project') }),
    reply: project,
  }),
  listProjects: rpc({
    subject: 'keyward.keys.list_projects',
    summary: 'The projects of the organization.',
    request: z.strictObject({ ...tenant, ...page }),
    reply: z.object({ projects: z.array(project), next_cursor: z.string().nullable() }),
  }),
  updateProject: rpc({
    subject: 'keyward.keys.update_project',
    summary:
      'Change a project; its keys follow. A plan that allows fewer keys than there are is taken: no key is lost.',
    request: z.strictObject({
      ...tenant,
      project_id: id('project'),
      ...expected,
      name: name.optional(),
      plan: z.string().max(64).optional(),
      defaults: defaults.partial().optional(),
      budget: limits.budget.optional(),
      recurring_limit: limits.recurring_limit.optional().describe('Named, it begins a new window.'),
    }),
    reply: project,
  }),
  resetProjectUsage: rpc({
    subject: 'keyward.keys.reset_project_usage',
    summary: 'Begin the project’s spend anew at zero; that of its keys, and the ledger, stay.',
    request: z.strictObject({ ...tenant, project_id: id('project'), ...expected }),
    reply: project,
  }),
  deleteProject: rpc({
    subject: 'keyward.keys.delete_project',
    summary: 'Delete a project that has no keys left.',
    request: z.strictObject({ ...tenant, project_id: id('project'), ...expected }),
    reply: z.object({}),
  }),
  listPlans: rpc({
    subject: 'keyward.keys.list_plans',
    summary: 'The plans of every profile.',
    request: z.strictObject({}),
    reply: z.object({ plans: z.array(plan) }),
  }),
};

export type Project = z.output<typeof project>;
export type Plan = z.output<typeof plan>;
