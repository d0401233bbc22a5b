import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Nothing } from '#contracts/admin-keys';
import { NewProject, PageQuery, ProjectChange, ProjectPage } from '#contracts/admin-people';
import { id } from '#contracts/fields';
import { ProjectsRpc, project } from '#contracts/projects';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';
import { pageOf } from './page.js';

const projectId = id('project');

@ApiTags('projects')
@Controller('api/projects')
export class ProjectsHttp {
  constructor(private readonly client: BusClient) {}

  @Post()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Create a project, with a profile and a plan of that profile.' })
  @ApiResponse({ status: 201, standardSchema: project })
  createProject(
    @Body({ schema: NewProject }) body: z.output<typeof NewProject>,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(ProjectsRpc.createProject, { ...tenantOf(caller), ...body }, options);
  }

  @Get()
  @ApiOperation({ summary: 'The projects of the organization, oldest first.' })
  @ApiResponse({ status: 200, standardSchema: ProjectPage })
  async listProjects(
    @Query({ schema: PageQuery }) query: PageQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...query };
    const { projects, next_cursor } = await this.client.call(ProjectsRpc.listProjects, asked, options);
    return pageOf(projects, next_cursor);
  }

  @Get(':id')
  @Etag()
  @ApiOperation({ summary: 'One project, and how many of its plan’s keys it uses.' })
  @ApiResponse({ status: 200, standardSchema: project })
  getProject(
    @Param('id', { schema: projectId }) project_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(ProjectsRpc.getProject, { ...tenantOf(caller), project_id }, options);
  }

  @Patch(':id')
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Change a project’s name, plan, defaults or spend limits; its keys follow.' })
  @ApiResponse({ status: 200, standardSchema: project })
  updateProject(
    @Param('id', { schema: projectId }) project_id: string,
    @Body({ schema: ProjectChange }) body: z.output<typeof ProjectChange>,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), project_id, expected_revision, ...body };
    return this.client.call(ProjectsRpc.updateProject, asked, options);
  }

  @Post(':id/reset-usage')
  @Needs('admin')
  @HttpCode(200)
  @Etag()
  @ApiOperation({
    summary: 'Begin the project’s spend anew at zero. That of its keys stays, and the ledger keeps what was.',
  })
  @ApiResponse({ status: 200, standardSchema: project })
  resetProjectUsage(
    @Param('id', { schema: projectId }) project_id: string,
    @Body({ schema: Nothing }) _: object,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), project_id, expected_revision };
    return this.client.call(ProjectsRpc.resetProjectUsage, asked, options);
  }

  @Delete(':id')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a project that has no keys left.' })
  async deleteProject(
    @Param('id', { schema: projectId }) project_id: string,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), project_id, expected_revision };
    await this.client.call(ProjectsRpc.deleteProject, asked, options);
  }
}
