import { Injectable } from '@nestjs/common';
import type { ProjectsRpc } from '#contracts/projects';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { assertRevision } from '#runtime/store/revision';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { Project } from '../store/entities.js';
import { auditedProject, findProject, keysUsed } from '../store/projects.js';

type Request = Asked<typeof ProjectsRpc.deleteProject>;

@Injectable()
export class DeleteProject {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof ProjectsRpc.deleteProject>> {
    await this.mutations.run({
      name: 'deleteProject',
      organizationId: request.organization_id,
      needs: 'admin',
      context,
      request,
      work: (doing) => this.delete(doing, request),
    });
    return {};
  }

  private async delete({ db, now, audit }: Doing, request: Request): Promise<null> {
    const project = await findProject(db, request, true);
    assertRevision(project.revision, request.expected_revision);
    const used = (await keysUsed(db, [project.id])).get(project.id) ?? 0;
    if (used > 0)
      throw new Refused('conflict', {
        message: `This project has ${used} keys. Delete them first.`,
        details: { keys: used },
      });
    await db.update(Project, { id: project.id }, { deletedAt: now });
    audit({ action: 'project.delete', subject: project.id, before: auditedProject(project), after: null });
    return null;
  }
}
