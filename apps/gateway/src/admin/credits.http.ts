import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AddedCredit, CreditPage, NewCredit } from '#contracts/admin-credits';
import { PageQuery } from '#contracts/admin-people';
import { CreditsRpc } from '#contracts/credits';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Needs } from './needs.js';
import { pageOf } from './page.js';

@ApiTags('credits')
@Needs('admin')
@Controller('api/credits')
export class CreditsHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({
    summary: 'What the organization has paid in advance and what is left of it; its entries, newest first.',
  })
  @ApiResponse({ status: 200, standardSchema: CreditPage })
  async getCredits(
    @Query({ schema: PageQuery }) query: PageQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...query };
    const { balances, entries, next_cursor } = await this.client.call(CreditsRpc.getCredits, asked, options);
    return { balances, ...pageOf(entries, next_cursor) };
  }

  @Post()
  @ApiOperation({
    summary:
      'Top up, or adjust. From the first entry on, keys of that currency are refused when nothing is left. For operators.',
  })
  @ApiResponse({ status: 201, standardSchema: AddedCredit })
  addCredit(
    @Body({ schema: NewCredit }) body: z.output<typeof NewCredit>,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(CreditsRpc.addCredit, { ...tenantOf(caller), ...body }, options);
  }
}
