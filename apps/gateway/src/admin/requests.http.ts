import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RequestPage, RequestQuery } from '#contracts/admin-usage';
import { id } from '#contracts/fields';
import { loggedRequestWithDecision, ReportsRpc } from '#contracts/reports';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';

const requestId = id('request');

@ApiTags('usage')
@Controller('api/requests')
export class RequestsHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({ summary: 'The request log, newest first, with what was denied. No prompt and no answer is in it.' })
  @ApiResponse({ status: 200, standardSchema: RequestPage })
  async listRequests(
    @Query({ schema: RequestQuery }) { project, key, ...query }: RequestQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), project_id: project, key_id: key, ...query };
    const { requests, next_cursor, as_of } = await this.client.call(ReportsRpc.listRequests, asked, options);
    return { data: requests, has_more: next_cursor !== null, next_cursor, as_of };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One request, and the decision that was made about it, step by step.' })
  @ApiResponse({ status: 200, standardSchema: loggedRequestWithDecision })
  getRequest(
    @Param('id', { schema: requestId }) request_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(ReportsRpc.getRequest, { ...tenantOf(caller), request_id }, options);
  }
}
