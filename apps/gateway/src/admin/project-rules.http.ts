import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AddedRule, NewRules } from '#contracts/admin-rules';
import { id } from '#contracts/fields';
import { type NewRule, newRule, type RuleChanges, RulesRpc, ruleChanges, ruleSet } from '#contracts/rules';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';

const projectId = id('project');
const ruleId = id('rule');

/** What every key of a project may call. */
@ApiTags('iam-rules')
@Controller('api/projects/:id/iam-rules')
export class ProjectRulesHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @Etag()
  @ApiOperation({ summary: 'The rules of a project.' })
  @ApiResponse({ status: 200, standardSchema: ruleSet })
  getProjectRules(
    @Param('id', { schema: projectId }) project_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(RulesRpc.getRules, { ...tenantOf(caller), project_id }, options);
  }

  @Put()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Replace the rules of a project. One that keeps its id stays the rule it was.' })
  @ApiResponse({ status: 200, standardSchema: ruleSet })
  putProjectRules(
    @Param('id', { schema: projectId }) project_id: string,
    @Body({ schema: NewRules }) body: NewRules,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(
      RulesRpc.putRules,
      { ...tenantOf(caller), project_id, expected_revision, ...body },
      options,
    );
  }

  @Post()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'One rule more for a project.' })
  @ApiResponse({ status: 201, standardSchema: AddedRule })
  addProjectRule(
    @Param('id', { schema: projectId }) project_id: string,
    @Body({ schema: newRule }) rule: NewRule,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(RulesRpc.addRule, { ...tenantOf(caller), project_id, expected_revision, rule }, options);
  }

  @Patch(':rule_id')
  @Needs('admin')
  @Etag()
  @ApiConsumes('application/json', 'application/merge-patch+json')
  @ApiOperation({ summary: 'Change one rule of a project: what is named is set.' })
  @ApiResponse({ status: 200, standardSchema: AddedRule })
  updateProjectRule(
    @Param('id', { schema: projectId }) project_id: string,
    @Param('rule_id', { schema: ruleId }) rule_id: string,
    @Body({ schema: ruleChanges }) changes: RuleChanges,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), project_id, rule_id, expected_revision, changes };
    return this.client.call(RulesRpc.updateRule, asked, options);
  }

  @Delete(':rule_id')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'One rule less for a project.' })
  async deleteProjectRule(
    @Param('id', { schema: projectId }) project_id: string,
    @Param('rule_id', { schema: ruleId }) rule_id: string,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    await this.client.call(
      RulesRpc.deleteRule,
      { ...tenantOf(caller), project_id, rule_id, expected_revision },
      options,
    );
  }
}
