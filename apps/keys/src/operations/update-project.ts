import { Injectable } from '@nestjs/common';
import type { ProjectsRpc, Project as ProjectView } from '#contracts/projects';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { capped } from '#domain/plan/defaults';
import { assertRevision } from '#runtime/store/revision';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { ProfileBook } from '../profile-book.js';
import { Project } from '../store/entities.js';
import { spendColumns } from '../store/key-limits.js';
import { lockOrganization } from '../store/locked-organization.js';
import {
  assertDefaults,
  assertProjectNameFree,
  auditedProject,
  choosePlan,
  findProject,
  keysUsed,
  projectView,
} from '../store/projects.js';

type Request = Asked<typeof ProjectsRpc.updateProject>;

@Injectable()
export class UpdateProject {
  constructor(
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof ProjectsRpc.updateProject>> {
    const { answer } = await this.mutations.run({
      name: 'updateProject',
      organizationId: request.organization_id,
      needs: 'admin',
      context,
      request,
      work: (doing) => this.update(doing, request),
    });
    return answer;
  }

  private async update({ db, now, audit, changed }: Doing, request: Request): Promise<ProjectView> {
    await lockOrganization(db, request.organization_id);
    const before = await findProject(db, request, true);
    assertRevision(before.revision, request.expected_revision);
    if (request.name !== undefined && request.name.toLowerCase() !== before.name.toLowerCase())
      await assertProjectNameFree(db, before.organizationId, request.name);
    const wanted = this.wanted(before, request, now);
    const used = (await keysUsed(db, [before.id])).get(before.id) ?? 0;
    const change = difference(auditedProject(before), auditedProject(wanted));
    if (Object.keys(change.after).length === 0) return projectView(before, used, this.profiles);
    const after = { ...wanted, revision: String(BigInt(before.revision) + 1n) };
    const { id, organizationId, profile, createdAt, deletedAt, ...columns } = after;
    await db.update(Project, { id, organizationId }, columns);
    audit({ action: 'project.update', subject: before.id, ...change });
    const { name: _, ...decisive } = change.after;
    // The name is nothing a gateway decides by.
    if (Object.keys(decisive).length) changed({ change: 'project_updated', project_id: id, key_id: null });
    return projectView(after, used, this.profiles);
  }

  /** What is asked for must fit the plan; what was there before is lowered to it. */
  private wanted(before: Project, request: Request, now: Date): Project {
    const { name = before.name, plan = before.plan, defaults = {} } = request;
    // Staying on a plan the operator has since taken away is no new choice, but everything else needs one that is there.
    const after = { ...before, name, plan: choosePlan(before.profile, plan, this.profiles) };
    assertDefaults(defaults, after, this.profiles);
    return {
      ...after,
      ...spendOf(before, request, now),
      defaults: { ...capped(before.defaults, this.profiles.planOf(after)), ...defaults },
    };
  }
}

/** Like a key's: a recurring limit that is named begins a new window, a null that was null does not. */
function spendOf(before: Project, { budget, recurring_limit }: Request, now: Date): Partial<Project> {
  const asked = { budget: budget ?? null, recurring_limit: recurring_limit ?? null };
  const { budgetNanos, ...recurring } = spendColumns(asked, now);
  const stays = recurring_limit === undefined || (recurring_limit === null && before.recurringNanos === null);
  return { ...(budget === undefined ? {} : { budgetNanos }), ...(stays ? {} : recurring) };
}
