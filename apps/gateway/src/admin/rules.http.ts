import { Body, Controller, createParamDecorator, Delete, Get, HttpCode, Param, Patch, Post, Put } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AddedRule, NewRules, RuleSetView } from '#contracts/admin-rules';
import { id } from '#contracts/fields';
import { type NewRule, newRule, type RuleChanges, RulesRpc, ruleChanges, ruleSet } from '#contracts/rules';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';
import { RuleViews } from './rule-views.js';

interface Owner {
  /** In the names of operations. */
  readonly name: string;
  /** In sentences. */
  readonly of: string;
  readonly path: string;
  /** Of what `:id` is one; null: it is whoever asks that says whose. */
  readonly id: 'key' | 'project' | 'member' | null;
}

const ruleId = id('rule');
const NoId = createParamDecorator(() => undefined);

/** The doors to the rules of one kind of owner. */
function rulesHttp(owner: Owner) {
  const { name, of } = owner;
  const WhoseId = () => (owner.id === null ? NoId() : Param('id', { schema: id(owner.id) }));
  const boundBy = (caller: Caller, id: string | undefined) => ({
    ...tenantOf(caller),
    ...(owner.id === null ? {} : { [`${owner.id}_id`]: id }),
  });

  @ApiTags('iam-rules')
  @Controller(`${owner.path}/iam-rules`)
  class RulesHttp {
    constructor(
      private readonly client: BusClient,
      private readonly views: RuleViews,
    ) {}

    @Get()
    @Etag()
    @ApiOperation({ operationId: `get${name}Rules`, summary: `The rules of ${of}.` })
    @ApiResponse({ status: 200, standardSchema: RuleSetView })
    async getRules(@WhoseId() id: string | undefined, @WhoAsks() caller: Caller, @Asking() options: CallOptions) {
      return this.views.of(caller, await this.client.call(RulesRpc.getRules, boundBy(caller, id), options));
    }

    @Put()
    @Needs('admin')
    @Etag()
    @ApiOperation({
      operationId: `put${name}Rules`,
      summary: `Replace the rules of ${of}. One that keeps its id stays the rule it was.`,
    })
    @ApiResponse({ status: 200, standardSchema: ruleSet })
    putRules(
      @WhoseId() id: string | undefined,
      @Body({ schema: NewRules }) body: NewRules,
      @IfMatch() expected_revision: number | undefined,
      @WhoAsks() caller: Caller,
      @Asking() options: CallOptions,
    ) {
      return this.client.call(RulesRpc.putRules, { ...boundBy(caller, id), expected_revision, ...body }, options);
    }

    @Post()
    @Needs('admin')
    @Etag()
    @ApiOperation({ operationId: `add${name}Rule`, summary: `One rule more for ${of}.` })
    @ApiResponse({ status: 201, standardSchema: AddedRule })
    addRule(
      @WhoseId() id: string | undefined,
      @Body({ schema: newRule }) rule: NewRule,
      @IfMatch() expected_revision: number | undefined,
      @WhoAsks() caller: Caller,
      @Asking() options: CallOptions,
    ) {
      return this.client.call(RulesRpc.addRule, { ...boundBy(caller, id), expected_revision, rule }, options);
    }

    @Patch(':rule_id')
    @Needs('admin')
    @Etag()
    @ApiConsumes('application/json', 'application/merge-patch+json')
    @ApiOperation({
      operationId: `update${name}Rule`,
      summary: `Change one rule of ${of}: what is named is set.`,
    })
    @ApiResponse({ status: 200, standardSchema: AddedRule })
    updateRule(
      @WhoseId() id: string | undefined,
      @Param('rule_id', { schema: ruleId }) rule_id: string,
      @Body({ schema: ruleChanges }) changes: RuleChanges,
      @IfMatch() expected_revision: number | undefined,
      @WhoAsks() caller: Caller,
      @Asking() options: CallOptions,
    ) {
      const asked = { ...boundBy(caller, id), rule_id, expected_revision, changes };
      return this.client.call(RulesRpc.updateRule, asked, options);
    }

    @Delete(':rule_id')
    @Needs('admin')
    @HttpCode(204)
    @ApiOperation({ operationId: `delete${name}Rule`, summary: `One rule less for ${of}.` })
    async deleteRule(
      @WhoseId() id: string | undefined,
      @Param('rule_id', { schema: ruleId }) rule_id: string,
      @IfMatch() expected_revision: number | undefined,
      @WhoAsks() caller: Caller,
      @Asking() options: CallOptions,
    ) {
      await this.client.call(RulesRpc.deleteRule, { ...boundBy(caller, id), rule_id, expected_revision }, options);
    }
  }
  return RulesHttp;
}

/** Rules are the same wherever they are: of each of these, the same doors. */
export const RULES_HTTP = [
  rulesHttp({ name: 'Key', of: 'a key', path: 'api/api-keys/:id', id: 'key' }),
  rulesHttp({ name: 'Project', of: 'a project', path: 'api/projects/:id', id: 'project' }),
  rulesHttp({ name: 'Member', of: 'a member', path: 'api/members/:id', id: 'member' }),
  rulesHttp({ name: 'Organization', of: 'the organization', path: 'api/organization', id: null }),
];
