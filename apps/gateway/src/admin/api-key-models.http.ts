import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { id } from '#contracts/fields';
import { KeyModelsRpc, keyModels } from '#contracts/key-models';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';

const keyId = id('key');

@ApiTags('iam-rules')
@Controller('api/api-keys/:id/models')
export class ApiKeyModelsHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({
    summary:
      'Which models of the catalogue the rules that bind a key let it ask for, and which rule refuses the others.',
  })
  @ApiResponse({ status: 200, standardSchema: keyModels })
  listKeyModels(
    @Param('id', { schema: keyId }) key_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(KeyModelsRpc.listKeyModels, { ...tenantOf(caller), key_id }, options);
  }
}
