import { ProjectsRpc } from '#contracts/projects';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { CreateProject } from './operations/create-project.js';
import { DeleteProject } from './operations/delete-project.js';
import { GetProject } from './operations/get-project.js';
import { ListPlans } from './operations/list-plans.js';
import { ListProjects } from './operations/list-projects.js';
import { ResetProjectUsage } from './operations/reset-project-usage.js';
import { UpdateProject } from './operations/update-project.js';

type Calls = typeof ProjectsRpc;

/** Projects: one call of the contract, one operation behind it. */
@Serve(ProjectsRpc)
export class ProjectsHandlers implements Serves<Calls> {
  constructor(
    private readonly createProjectOperation: CreateProject,
    private readonly getProjectOperation: GetProject,
    private readonly listProjectsOperation: ListProjects,
    private readonly updateProjectOperation: UpdateProject,
    private readonly resetProjectUsageOperation: ResetProjectUsage,
    private readonly deleteProjectOperation: DeleteProject,
    private readonly listPlansOperation: ListPlans,
  ) {}

  createProject(request: Asked<Calls['createProject']>, context: CallContext) {
    return this.createProjectOperation.run(request, context);
  }

  getProject(request: Asked<Calls['getProject']>) {
    return this.getProjectOperation.run(request);
  }

  listProjects(request: Asked<Calls['listProjects']>) {
    return this.listProjectsOperation.run(request);
  }

  updateProject(request: Asked<Calls['updateProject']>, context: CallContext) {
    return this.updateProjectOperation.run(request, context);
  }

  resetProjectUsage(request: Asked<Calls['resetProjectUsage']>, context: CallContext) {
    return this.resetProjectUsageOperation.run(request, context);
  }

  deleteProject(request: Asked<Calls['deleteProject']>, context: CallContext) {
    return this.deleteProjectOperation.run(request, context);
  }

  listPlans() {
    return this.listPlansOperation.run();
  }
}
