import { Injectable } from '@nestjs/common';
import type { ProjectsRpc, Project as ProjectView } from '#contracts/projects';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { assertRevision } from '#runtime/store/revision';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { ProfileBook } from '../profile-book.js';
import { Project } from '../store/entities.js';
import { auditedProject, findProject, keysUsed, projectView } from '../store/projects.js';

type Request = Asked<typeof ProjectsRpc.resetProjectUsage>;

@Injectable()
export class ResetProjectUsage {
  constructor(
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof ProjectsRpc.resetProjectUsage>> {
    const { answer } = await this.mutations.run({
      name: 'resetProjectUsage',
      organizationId: request.organization_id,
      needs: 'admin',
      context,
      request,
      work: (doing) => this.reset(doing, request),
    });
    return answer;
  }

  /** Nothing is deleted: usage belongs to the count of resets it was admitted under, and the count goes up. */
  private async reset({ db, audit, changed }: Doing, request: Request): Promise<ProjectView> {
    const before = await findProject(db, request, true);
    assertRevision(before.revision, request.expected_revision);
    const { id, organizationId } = before;
    const columns = { spendEpoch: before.spendEpoch + 1, revision: String(BigInt(before.revision) + 1n) };
    await db.update(Project, { id, organizationId }, columns);
    const after = { ...before, ...columns };
    audit({
      action: 'project.reset_usage',
      subject: id,
      ...difference(auditedProject(before), auditedProject(after)),
    });
    changed({ change: 'project_updated', project_id: id, key_id: null });
    return projectView(after, (await keysUsed(db, [id])).get(id) ?? 0, this.profiles);
  }
}
