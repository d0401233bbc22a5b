import { hash } from 'node:crypto';
import { Body, Controller, Get, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { KeysRpc } from '#contracts/keys';
import { LeakAlerts, LeakVerdicts, SecretPatterns } from '#contracts/leaks';
import { BusClient, type CallOptions } from '#rpc/client';
import { originOf } from '../admin/call-options.js';
import { Public } from '../admin/caller.js';
import { KeyPatterns } from './key-patterns.js';
import { IDENTIFIER, SIGNATURE, SignedGuard } from './signed.guard.js';

type Alerts = z.output<typeof LeakAlerts>;
type Verdict = z.output<typeof LeakVerdicts>[number];

/** So many reports are on their way to the keys service at once. */
const AT_ONCE = 8;

/** Longer than any secret: the bus need not hear of it. */
const LONGEST_SECRET = 512;

@ApiTags('secret-scanning')
@Controller('api/secret-scanning')
export class SecretScanningHttp {
  constructor(
    private readonly client: BusClient,
    private readonly patterns: KeyPatterns,
  ) {}

  @Post('alerts')
  @Public()
  @UseGuards(SignedGuard)
  @HttpCode(200)
  @ApiHeader({ name: IDENTIFIER, required: true })
  @ApiHeader({ name: SIGNATURE, required: true })
  @ApiOperation({
    summary: 'Keys that were found in public, as GitHub’s secret scanning reports them to its partners. Signed.',
  })
  @ApiResponse({ status: 200, standardSchema: LeakVerdicts })
  async alerts(@Req() request: FastifyRequest, @Body({ schema: LeakAlerts }) alerts: Alerts): Promise<Verdict[]> {
    const options = { actor: 'service:secret-scanning', origin: originOf(request), requestId: request.id };
    const verdicts: Verdict[] = [];
    for (let at = 0; at < alerts.length; at += AT_ONCE) {
      const some = alerts.slice(at, at + AT_ONCE).map((alert) => this.judge(alert, options));
      verdicts.push(...(await Promise.all(some)));
    }
    return verdicts;
  }

  @Get('patterns')
  @Public()
  @ApiOperation({ summary: 'What our keys look like: for whoever scans for them.' })
  @ApiResponse({ status: 200, standardSchema: SecretPatterns })
  listPatterns() {
    return { data: this.patterns.all };
  }

  private async judge({ token, type, url, source }: Alerts[number], options: CallOptions): Promise<Verdict> {
    const report = { key: token, url: url ?? null, source: source ?? null };
    const { known } =
      token.length > LONGEST_SECRET ? { known: false } : await this.client.call(KeysRpc.reportLeak, report, options);
    return {
      token_hash: hash('sha256', token, 'hex'),
      token_type: type,
      label: known ? 'true_positive' : 'false_positive',
    };
  }
}
