import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ImaginedCall, ImaginedRules } from '#contracts/admin-rules';
import { ExplainRpc } from '#contracts/explain';
import { ImpactRpc, impact } from '#contracts/impact';
import { RULE_PRESETS, RulePresets } from '#contracts/rule-presets';
import { decisionTrace } from '#contracts/trace';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Needs } from './needs.js';

/** It reads page after page of the log. */
const IMPACT_MILLISECONDS = 15_000;

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

  @Post('impact')
  @HttpCode(200)
  @Needs('read')
  @ApiOperation({
    summary: 'How many of the requests of the last days these rules would have refused. Nothing is put.',
  })
  @ApiResponse({ status: 200, standardSchema: impact })
  measureImpact(
    @Body({ schema: ImaginedRules }) body: ImaginedRules,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...body };
    return this.client.call(ImpactRpc.measureImpact, asked, { ...options, timeoutMs: IMPACT_MILLISECONDS });
  }

  @Get('presets')
  @ApiOperation({ summary: 'Rules that most teams want, to put as they are or to fill in.' })
  @ApiResponse({ status: 200, standardSchema: RulePresets })
  listRulePresets() {
    return { data: RULE_PRESETS };
  }
}
