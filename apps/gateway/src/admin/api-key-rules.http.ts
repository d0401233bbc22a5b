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

const keyId = id('key');
const ruleId = id('rule');

/** What one key may call. */
@ApiTags('iam-rules')
@Controller('api/api-keys/:id/iam-rules')
export class KeyRulesHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @Etag()
  @ApiOperation({ summary: 'The rules of a key.' })
  @ApiResponse({ status: 200, standardSchema: ruleSet })
  getKeyRules(
    @Param('id', { schema: keyId }) key_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(RulesRpc.getRules, { ...tenantOf(caller), key_id }, options);
  }

  @Put()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Replace the rules of a key. One that keeps its id stays the rule it was.' })
  @ApiResponse({ status: 200, standardSchema: ruleSet })
  putKeyRules(
    @Param('id', { schema: keyId }) key_id: string,
    @Body({ schema: NewRules }) body: NewRules,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(RulesRpc.putRules, { ...tenantOf(caller), key_id, expected_revision, ...body }, options);
  }

  @Post()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'One rule more for a key.' })
  @ApiResponse({ status: 201, standardSchema: AddedRule })
  addKeyRule(
    @Param('id', { schema: keyId }) key_id: string,
    @Body({ schema: newRule }) rule: NewRule,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(RulesRpc.addRule, { ...tenantOf(caller), key_id, expected_revision, rule }, options);
  }

  @Patch(':rule_id')
  @Needs('admin')
  @Etag()
  @ApiConsumes('application/json', 'application/merge-patch+json')
  @ApiOperation({ summary: 'Change one rule of a key: what is named is set.' })
  @ApiResponse({ status: 200, standardSchema: AddedRule })
  updateKeyRule(
    @Param('id', { schema: keyId }) key_id: string,
    @Param('rule_id', { schema: ruleId }) rule_id: string,
    @Body({ schema: ruleChanges }) changes: RuleChanges,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), key_id, rule_id, expected_revision, changes };
    return this.client.call(RulesRpc.updateRule, asked, options);
  }

  @Delete(':rule_id')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'One rule less for a key.' })
  async deleteKeyRule(
    @Param('id', { schema: keyId }) key_id: string,
    @Param('rule_id', { schema: ruleId }) rule_id: string,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    await this.client.call(RulesRpc.deleteRule, { ...tenantOf(caller), key_id, rule_id, expected_revision }, options);
  }
}
