import { Injectable } from '@nestjs/common';
import type { ProjectsRpc } from '#contracts/projects';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Mutations } from '../mutation/mutations.js';
import { ProfileBook } from '../profile-book.js';
import { Project } from '../store/entities.js';
import { lockOrganization } from '../store/locked-organization.js';
import { assertProjectNameFree, auditedProject, newProject, projectView } from '../store/projects.js';

@Injectable()
export class CreateProject {
  constructor(
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
  ) {}

  async run(
    request: Asked<typeof ProjectsRpc.createProject>,
    context: CallContext,
  ): Promise<Answers<typeof ProjectsRpc.createProject>> {
    const { organization_id: organizationId, ...wanted } = request;
    const { answer } = await this.mutations.run({
      name: 'createProject',
      organizationId,
      // A plan is an allowance: whoever gives themselves one must be somebody who could.
      needs: 'admin',
      context,
      request,
      work: async ({ db, now, audit }) => {
        await lockOrganization(db, organizationId);
        const project = newProject({ organizationId, ...wanted }, this.profiles, now);
        await assertProjectNameFree(db, organizationId, project.name);
        await db.insert(Project, project);
        audit({ action: 'project.create', subject: project.id, before: null, after: auditedProject(project) });
        return projectView(project, 0, this.profiles);
      },
    });
    return answer;
  }
}
