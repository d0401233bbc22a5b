import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ProjectsRpc } from '#contracts/projects';
import type { Answers, Asked } from '#contracts/rpc';
import { ProfileBook } from '../profile-book.js';
import { findProject, keysUsed, projectView } from '../store/projects.js';

@Injectable()
export class GetProject {
  constructor(
    private readonly db: DataSource,
    private readonly profiles: ProfileBook,
  ) {}

  async run(request: Asked<typeof ProjectsRpc.getProject>): Promise<Answers<typeof ProjectsRpc.getProject>> {
    const project = await findProject(this.db, request);
    const used = await keysUsed(this.db, [project.id]);
    return projectView(project, used.get(project.id) ?? 0, this.profiles);
  }
}
