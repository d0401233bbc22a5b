import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { DeletedKey, KeyPage, KeyPatch, KeyQuery, KeyView, KeyWithSecret, NewKey } from '#contracts/admin-keys';
import { id } from '#contracts/fields';
import { KeysRpc } from '#contracts/keys';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { KeySearch } from './key-search.js';
import { KeyViews } from './key-views.js';

const keyId = id('key');

@ApiTags('api-keys')
@Controller('api/api-keys')
export class ApiKeysHttp {
  constructor(
    private readonly client: BusClient,
    private readonly views: KeyViews,
    private readonly search: KeySearch,
  ) {}

  @Post()
  @Etag()
  // A proxy between here and the client must not keep the secret.
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Create a key. The reply holds its secret, once.' })
  @ApiResponse({ status: 201, standardSchema: KeyWithSecret })
  async createKey(@Body({ schema: NewKey }) body: NewKey, @WhoAsks() caller: Caller, @Asking() options: CallOptions) {
    const asked = { ...tenantOf(caller), ...body };
    const { key: secret, ...key } = await this.client.call(KeysRpc.createKey, asked, options);
    if (secret === undefined) return this.views.one(key);
    return { ...this.views.unused(key), key: secret };
  }

  @Get()
  @ApiOperation({ summary: 'The keys of the organization.' })
  @ApiResponse({ status: 200, standardSchema: KeyPage })
  listKeys(@Query({ schema: KeyQuery }) query: KeyQuery, @WhoAsks() caller: Caller, @Asking() options: CallOptions) {
    return this.search.find(tenantOf(caller), query, options);
  }

  @Get(':id')
  @Etag()
  @ApiOperation({ summary: 'One key.' })
  @ApiResponse({ status: 200, standardSchema: KeyView })
  async getKey(
    @Param('id', { schema: keyId }) key_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.views.one(await this.client.call(KeysRpc.getKey, { ...tenantOf(caller), key_id }, options));
  }

  @Patch(':id')
  @Etag()
  @ApiConsumes('application/json', 'application/merge-patch+json')
  @ApiOperation({ summary: 'Change a key. A new recurring limit begins a new period; all-time usage stays.' })
  @ApiResponse({ status: 200, standardSchema: KeyView })
  async updateKey(
    @Param('id', { schema: keyId }) key_id: string,
    @Body({ schema: KeyPatch }) body: KeyPatch,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), key_id, expected_revision, ...body };
    return this.views.one(await this.client.call(KeysRpc.updateKey, asked, options));
  }

  @Delete(':id')
  @HttpCode(200)
  @ApiOperation({ summary: 'Delete a key, permanently. The receipt says which gateways refuse it already.' })
  @ApiResponse({ status: 200, standardSchema: DeletedKey })
  async deleteKey(
    @Param('id', { schema: keyId }) key_id: string,
    @IfMatch() expected_revision: number | undefined,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), key_id, expected_revision };
    const { receipt } = await this.client.call(KeysRpc.deleteKey, asked, waiting(options));
    return { id: key_id, deleted: true as const, receipt };
  }
}

/** A receipt waits for gateways that are slow: longer than any other answer, and no longer than it must. */
export function waiting(options: CallOptions): CallOptions {
  return { ...options, timeoutMs: 5000 };
}
