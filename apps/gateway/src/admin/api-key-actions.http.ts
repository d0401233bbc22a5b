import { Body, Controller, Header, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { EnableKey, KeyView, KeyWithReceipt, KeyWithSecret, Nothing, RotateKey } from '#contracts/admin-keys';
import { id } from '#contracts/fields';
import { KeysRpc } from '#contracts/keys';
import { durationSeconds } from '#domain/duration';
import { BusClient, type CallOptions } from '#rpc/client';
import { waiting } from './api-keys.http.js';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { KeyViews } from './key-views.js';

const keyId = id('key');

/** What can be done to a key besides changing its fields. */
@ApiTags('api-keys')
@Controller('api/api-keys/:id')
export class ApiKeyActionsHttp {
  constructor(
    private readonly client: BusClient,
    private readonly views: KeyViews,
  ) {}

  @Post('enable')
  @HttpCode(200)
  @Etag()
  @ApiOperation({ summary: 'Enable a key. An expired one needs a new expiry.' })
  @ApiResponse({ status: 200, standardSchema: KeyView })
  async enableKey(
    @Param('id', { schema: keyId }) key_id: string,
    @Body({ schema: EnableKey }) body: EnableKey,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), key_id, expected_revision, ...body };
    return this.views.one(await this.client.call(KeysRpc.enableKey, asked, options));
  }

  @Post('disable')
  @HttpCode(200)
  @Etag()
  @ApiOperation({ summary: 'Disable a key. The receipt says which gateways refuse it already.' })
  @ApiResponse({ status: 200, standardSchema: KeyWithReceipt })
  async disableKey(
    @Param('id', { schema: keyId }) key_id: string,
    @Body({ schema: Nothing }) _: object,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), key_id, expected_revision };
    const { receipt, ...key } = await this.client.call(KeysRpc.disableKey, asked, waiting(options));
    return { ...(await this.views.one(key)), receipt };
  }

  @Post('rotate')
  @HttpCode(200)
  @Etag()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Give a key a new secret, in the reply once. The old one works until the grace is over; all else stays.',
  })
  @ApiResponse({ status: 200, standardSchema: KeyWithSecret })
  async rotateKey(
    @Param('id', { schema: keyId }) key_id: string,
    @Body({ schema: RotateKey }) { grace }: RotateKey,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const grace_seconds = grace && durationSeconds(grace);
    const asked = { ...tenantOf(caller), key_id, expected_revision, grace_seconds };
    const { key: secret, ...key } = await this.client.call(KeysRpc.rotateKey, asked, options);
    const view = await this.views.one(key);
    return secret === undefined ? view : { ...view, key: secret };
  }

  @Post('rotate/finish')
  @HttpCode(200)
  @Etag()
  @ApiOperation({ summary: 'End the grace of a rotation now: the old secret stops working.' })
  @ApiResponse({ status: 200, standardSchema: KeyWithReceipt })
  async finishRotation(
    @Param('id', { schema: keyId }) key_id: string,
    @Body({ schema: Nothing }) _: object,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), key_id, expected_revision };
    const { receipt, ...key } = await this.client.call(KeysRpc.finishRotation, asked, waiting(options));
    return { ...(await this.views.one(key)), receipt };
  }

  @Post('reset-usage')
  @HttpCode(200)
  @Etag()
  @ApiOperation({ summary: 'Begin the key’s spend anew at zero. The ledger keeps what was.' })
  @ApiResponse({ status: 200, standardSchema: KeyView })
  async resetUsage(
    @Param('id', { schema: keyId }) key_id: string,
    @Body({ schema: Nothing }) _: object,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), key_id, expected_revision };
    return this.views.one(await this.client.call(KeysRpc.resetUsage, asked, options));
  }
}
