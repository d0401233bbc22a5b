import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { reportOf, UsageExportQuery, UsagePage, UsageQuery } from '#contracts/admin-usage';
import { ReportsRpc } from '#contracts/reports';
import { BusClient, type CallOptions } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { exportOf } from './usage-export.js';

@ApiTags('usage')
@Controller('api/usage')
export class UsageHttp {
  constructor(
    private readonly client: BusClient,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Requests, tokens and cost over time, told apart as you like.' })
  @ApiResponse({ status: 200, standardSchema: UsagePage })
  async getUsage(
    @Query({ schema: UsageQuery }) { top, totals, limit, cursor, ...query }: UsageQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...reportOf(query, this.clock.now()), top, totals, limit, cursor };
    const { rows, next_cursor, as_of } = await this.client.call(ReportsRpc.getReport, asked, options);
    return { data: rows, has_more: next_cursor !== null, next_cursor, as_of };
  }

  @Get('export')
  @ApiOperation({ summary: 'The same, all of it, as a file: CSV, or JSON.' })
  @ApiProduces('text/csv', 'application/json')
  @ApiResponse({ status: 200, description: 'The rows, in the order of time.' })
  async exportUsage(
    @Query({ schema: UsageExportQuery }) { format, ...query }: UsageExportQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
    @Res() reply: FastifyReply,
  ) {
    const asked = { ...tenantOf(caller), ...reportOf(query, this.clock.now()) };
    const page = (cursor?: string) => this.client.call(ReportsRpc.getReport, { ...asked, cursor }, options);
    // Asked for before anything is sent, so that what is wrong with the question is still an answer with a status.
    const first = await page();
    const name = `usage-${asked.start.slice(0, 10)}-${asked.end.slice(0, 10)}.${format}`;
    void reply
      .header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json')
      .header('content-disposition', `attachment; filename="${name}"`)
      .header('cache-control', 'no-store')
      .send(exportOf(format, query.group_by ?? [], first, page));
  }
}
