import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessRpc } from '#contracts/access';
import { KeyLimits } from '#contracts/admin-keys';
import { id } from '#contracts/fields';
import { Limits } from '#counters/limits';
import { BusClient, type CallOptions } from '#rpc/client';
import { limitsLeft } from '../limits/limits-left.js';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';

const keyId = id('key');

@ApiTags('api-keys')
@Controller('api/api-keys/:id/limits')
export class ApiKeyLimitsHttp {
  constructor(
    private readonly client: BusClient,
    private readonly limits: Limits,
  ) {}

  @Get()
  @ApiOperation({
    summary:
      'What limits a key, its own or not, and what is left of it at this moment: the numbers of its next denial.',
  })
  @ApiResponse({ status: 200, standardSchema: KeyLimits })
  async getKeyLimits(
    @Param('id', { schema: keyId }) key_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ): Promise<KeyLimits> {
    const key = await this.client.call(AccessRpc.getUsableKey, { ...tenantOf(caller), key_id }, options);
    return limitsLeft(key, await this.limits.standing(key, Date.now()));
  }
}
