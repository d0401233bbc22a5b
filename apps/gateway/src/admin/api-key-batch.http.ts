import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { KeyBatch, KeyBatchResult } from '#contracts/admin-keys';
import { KeysRpc } from '#contracts/keys';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';

/** A hundred keys one after the other, and then a receipt. */
const BATCH_MILLISECONDS = 20_000;

@ApiTags('api-keys')
@Controller('api/api-keys/batch')
export class ApiKeyBatchHttp {
  constructor(private readonly client: BusClient) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'The same to up to a hundred keys. Each succeeds or fails on its own.' })
  @ApiResponse({ status: 200, standardSchema: KeyBatchResult })
  async batchKeys(
    @Body({ schema: KeyBatch }) body: KeyBatch,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const { ids, ...batch } = body;
    const { results, receipt } = await this.client.call(
      KeysRpc.batchKeys,
      { ...tenantOf(caller), ...batch, key_ids: ids },
      { ...options, timeoutMs: BATCH_MILLISECONDS },
    );
    return { data: results.map(({ key_id, error }) => ({ id: key_id, ok: error === null, error })), receipt };
  }
}
