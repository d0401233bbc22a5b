import { randomBytes } from 'node:crypto';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import type { Project as ProjectView } from '#contracts/projects';
import { Refused } from '#contracts/refusals';
import { newId } from '#domain/id';
import type { ProfileBook } from '../profile-book.js';
import { ApiKey, Project } from './entities.js';
import { assertWithinPlan, spendColumns } from './key-limits.js';
import { iso, money, recurringOf } from './key-view.js';

interface Wanted {
  readonly organizationId: string;
  readonly name: string;
  readonly profile: string;
  readonly plan?: string;
  readonly defaults: Partial<ProjectView['defaults']>;
  readonly budget: ProjectView['budget'];
  readonly recurring_limit: ProjectView['recurring_limit'];
}

const NO_DEFAULTS: ProjectView['defaults'] = { rate_limit: null, token_limit: null, max_parallel: null };

export function newProject(asked: Wanted, profiles: ProfileBook, now: Date): Project {
  const { plan, defaults, budget, recurring_limit, ...wanted } = asked;
  const project: Project = {
    ...wanted,
    id: newId('project', now.getTime(), randomBytes(10)),
    plan: choosePlan(wanted.profile, plan, profiles),
    defaults: { ...NO_DEFAULTS, ...defaults },
    ...spendColumns({ budget, recurring_limit }, now),
    spendEpoch: 0,
    createdAt: now,
    deletedAt: null,
    revision: '1',
  };
  assertDefaults(project.defaults, project, profiles);
  return project;
}

/** The profile’s first plan where none is named: the operator puts there what anybody may have. */
export function choosePlan(profileName: string, plan: string | undefined, profiles: ProfileBook): string {
  const profile = profiles.find(profileName);
  if (!profile) {
    const there = profiles.all().map(({ name }) => name);
    throw new Refused('invalid_request', {
      message: `There is no profile ${JSON.stringify(profileName)}. There are: ${there.join(', ')}.`,
      param: 'profile',
    });
  }
  const plans = Object.keys(profile.plans);
  const chosen = plan ?? plans[0];
  if (chosen !== undefined && plans.includes(chosen)) return chosen;
  throw new Refused('invalid_request', {
    message: `The profile ${profileName} has no plan ${JSON.stringify(plan)}. It has: ${plans.join(', ')}.`,
    param: 'plan',
  });
}

export function assertDefaults(
  defaults: Partial<ProjectView['defaults']>,
  project: Pick<Project, 'id' | 'profile' | 'plan'>,
  profiles: ProfileBook,
): void {
  try {
    assertWithinPlan(defaults, profiles.planOf(project));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { message, details, param } = error;
    throw new Refused(error.code, { message: `defaults.${message}`, param: `defaults.${param}`, details });
  }
}

/** One project of one tenant. The tenant is part of the predicate: an id of another's finds nothing. */
export async function findProject(
  db: DataSource | EntityManager,
  { organization_id, project_id }: { organization_id: string; project_id: string },
  lock = false,
): Promise<Project> {
  const manager = 'manager' in db ? db.manager : db;
  const where = { id: project_id, organizationId: organization_id, deletedAt: IsNull() };
  // The lock of `createKey`: no key is made in a project that is just going, and no key slips past a count.
  const project = await manager.findOne(Project, { where, ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}) });
  if (!project) throw new Refused('not_found', { message: 'There is no such project.' });
  return project;
}

/** Asked under the organization’s lock: of two who take a name at once, the second is told. */
export async function assertProjectNameFree(db: EntityManager, organizationId: string, name: string): Promise<void> {
  const taken = await db
    .createQueryBuilder(Project, 'p')
    .where('p.organizationId = :organizationId AND lower(p.name) = lower(:name) AND p.deletedAt IS NULL', {
      organizationId,
      name,
    })
    .getExists();
  if (taken)
    throw new Refused('conflict', {
      message: `There is a project named ${JSON.stringify(name)} already.`,
      param: 'name',
    });
}

/** How many keys each project has; the index is there for this. */
export async function keysUsed(
  db: DataSource | EntityManager,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (projectIds.length === 0) return new Map();
  const rows: { id: string; used: string }[] = await db
    .createQueryBuilder(ApiKey, 'k')
    .select('k.projectId', 'id')
    .addSelect('count(*)', 'used')
    .where('k.projectId IN (:...projectIds) AND k.deletedAt IS NULL', { projectIds })
    .groupBy('k.projectId')
    .getRawMany();
  return new Map(rows.map(({ id, used }) => [id, Number(used)]));
}

export function projectView(project: Project, used: number, profiles: ProfileBook): ProjectView {
  const { id, organizationId, name, profile, plan, defaults, createdAt, revision } = project;
  return {
    id,
    organization_id: organizationId,
    name,
    profile,
    plan,
    currency: profiles.currencyOf(profile),
    defaults,
    budget: money(project.budgetNanos),
    recurring_limit: recurringOf(project),
    recurring_since: iso(project.recurringSince),
    spend_epoch: project.spendEpoch,
    keys: { used, allowed: profiles.planOf(project).keysPerProject },
    created_at: createdAt.toISOString(),
    revision: Number(revision),
  };
}

export function auditedProject(project: Project): Record<string, unknown> {
  const { name, profile, plan, defaults, spendEpoch } = project;
  return {
    name,
    profile,
    plan,
    defaults,
    budget: money(project.budgetNanos),
    recurring_limit: recurringOf(project),
    recurring_since: iso(project.recurringSince),
    spend_epoch: spendEpoch,
  };
}
