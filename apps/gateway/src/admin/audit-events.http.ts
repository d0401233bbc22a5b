import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AuditPage, AuditQuery } from '#contracts/admin-audit';
import { AuditRpc } from '#contracts/audit';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Needs } from './needs.js';

/** A long log takes a while to walk. */
const VERIFY_MILLISECONDS = 60_000;

@ApiTags('audit')
@Needs('admin')
@Controller('api/audit-events')
export class AuditEventsHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({ summary: 'Who did what, newest first. For admins.' })
  @ApiResponse({ status: 200, standardSchema: AuditPage })
  async listAuditEvents(
    @Query({ schema: AuditQuery }) query: AuditQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...query };
    const { events, next_cursor } = await this.client.call(AuditRpc.listAuditEvents, asked, options);
    return { data: events, has_more: next_cursor !== null, next_cursor };
  }

  @Get('verify')
  @ApiOperation({ summary: 'Whether the log is whole: every entry as it was written, none missing, none put in.' })
  @ApiResponse({ status: 200, standardSchema: AuditRpc.verifyAudit.reply })
  verifyAudit(@WhoAsks() caller: Caller, @Asking() options: CallOptions) {
    return this.client.call(AuditRpc.verifyAudit, tenantOf(caller), { ...options, timeoutMs: VERIFY_MILLISECONDS });
  }
}
