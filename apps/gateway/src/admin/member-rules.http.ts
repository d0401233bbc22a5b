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

const memberId = id('member');
const ruleId = id('rule');

/** What every key may call that a member has made, or one of their keys has. */
@ApiTags('iam-rules')
@Controller('api/members/:id/iam-rules')
export class MemberRulesHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @Etag()
  @ApiOperation({ summary: 'The rules of a member.' })
  @ApiResponse({ status: 200, standardSchema: ruleSet })
  getMemberRules(
    @Param('id', { schema: memberId }) member_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(RulesRpc.getRules, { ...tenantOf(caller), member_id }, options);
  }

  @Put()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Replace the rules of a member. One that keeps its id stays the rule it was.' })
  @ApiResponse({ status: 200, standardSchema: ruleSet })
  putMemberRules(
    @Param('id', { schema: memberId }) member_id: string,
    @Body({ schema: NewRules }) body: NewRules,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(RulesRpc.putRules, { ...tenantOf(caller), member_id, expected_revision, ...body }, options);
  }

  @Post()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'One rule more for a member.' })
  @ApiResponse({ status: 201, standardSchema: AddedRule })
  addMemberRule(
    @Param('id', { schema: memberId }) member_id: string,
    @Body({ schema: newRule }) rule: NewRule,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(RulesRpc.addRule, { ...tenantOf(caller), member_id, expected_revision, rule }, options);
  }

  @Patch(':rule_id')
  @Needs('admin')
  @Etag()
  @ApiConsumes('application/json', 'application/merge-patch+json')
  @ApiOperation({ summary: 'Change one rule of a member: what is named is set.' })
  @ApiResponse({ status: 200, standardSchema: AddedRule })
  updateMemberRule(
    @Param('id', { schema: memberId }) member_id: string,
    @Param('rule_id', { schema: ruleId }) rule_id: string,
    @Body({ schema: ruleChanges }) changes: RuleChanges,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), member_id, rule_id, expected_revision, changes };
    return this.client.call(RulesRpc.updateRule, asked, options);
  }

  @Delete(':rule_id')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'One rule less for a member.' })
  async deleteMemberRule(
    @Param('id', { schema: memberId }) member_id: string,
    @Param('rule_id', { schema: ruleId }) rule_id: string,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    await this.client.call(
      RulesRpc.deleteRule,
      { ...tenantOf(caller), member_id, rule_id, expected_revision },
      options,
    );
  }
}
