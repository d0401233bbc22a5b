import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { BooksRpc, checkedBooks } from '#contracts/books';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Needs } from './needs.js';

/** A long ledger takes a while to add up. */
const CHECK_MILLISECONDS = 60_000;

const Check = z.strictObject({ repair: z.boolean().optional() }).meta({ id: 'CheckBooks' });

@ApiTags('books')
@Needs('admin')
@Controller('api/check-books')
export class BooksHttp {
  constructor(private readonly client: BusClient) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Whether all sums of money agree with the ledger; repairs them where asked to. For operators.',
  })
  @ApiResponse({ status: 200, standardSchema: checkedBooks })
  checkBooks(
    @Body({ schema: Check }) body: z.output<typeof Check>,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...body };
    return this.client.call(BooksRpc.checkBooks, asked, { ...options, timeoutMs: CHECK_MILLISECONDS });
  }
}
