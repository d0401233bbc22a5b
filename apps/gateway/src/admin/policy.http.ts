import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ImaginedCall } from '#contracts/admin-rules';
import { ExplainRpc } from '#contracts/explain';
import { RULE_PRESETS, RulePresets } from '#contracts/rule-presets';
import { decisionTrace } from '#contracts/trace';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Needs } from './needs.js';

@ApiTags('policy')
@Controller('api/policy')
export class PolicyHttp {
  constructor(private readonly client: BusClient) {}

  @Post('explain')
  @HttpCode(200)
  @Needs('read')
  @ApiOperation({ summary: 'What would come of a call, step by step, and which rule decides. Nothing is charged.' })
  @ApiResponse({ status: 200, standardSchema: decisionTrace })
  explainCall(
    @Body({ schema: ImaginedCall }) body: ImaginedCall,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(ExplainRpc.explain, { ...tenantOf(caller), ...body }, options);
  }

  @Get('presets')
  @ApiOperation({ summary: 'Rules that most teams want, to put as they are or to fill in.' })
  @ApiResponse({ status: 200, standardSchema: RulePresets })
  listRulePresets() {
    return { data: RULE_PRESETS };
  }
}
