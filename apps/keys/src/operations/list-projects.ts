import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ProjectsRpc } from '#contracts/projects';
import type { Answers, Asked } from '#contracts/rpc';
import { readPage } from '#runtime/store/page';
import { ProfileBook } from '../profile-book.js';
import { Project } from '../store/entities.js';
import { keysUsed, projectView } from '../store/projects.js';

@Injectable()
export class ListProjects {
  constructor(
    private readonly db: DataSource,
    private readonly profiles: ProfileBook,
  ) {}

  async run({
    organization_id,
    ...asked
  }: Asked<typeof ProjectsRpc.listProjects>): Promise<Answers<typeof ProjectsRpc.listProjects>> {
    const projects = this.db
      .createQueryBuilder(Project, 'p')
      .where('p.organizationId = :organization_id AND p.deletedAt IS NULL', { organization_id });
    const { rows, next_cursor } = await readPage(projects, asked, 'ASC');
    const used = await keysUsed(
      this.db,
      rows.map((row) => row.id),
    );
    return { projects: rows.map((row) => projectView(row, used.get(row.id) ?? 0, this.profiles)), next_cursor };
  }
}
