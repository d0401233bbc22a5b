import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { NewProviderKey, ProviderKeyChange, ProviderKeyPage, ProviderKeyQuery } from '#contracts/admin-provider-keys';
import { id } from '#contracts/fields';
import { ProviderKeysRpc, providerKey } from '#contracts/provider-keys';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';
import { pageOf } from './page.js';

const providerKeyId = id('provider_key');

@ApiTags('provider keys')
@Controller('api/provider-keys')
export class ProviderKeysHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({ summary: 'The own provider keys of the organization’s projects, oldest first. Never a secret.' })
  @ApiResponse({ status: 200, standardSchema: ProviderKeyPage })
  async listProviderKeys(
    @Query({ schema: ProviderKeyQuery }) { project, ...page }: ProviderKeyQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), project_id: project, ...page };
    const { provider_keys, next_cursor } = await this.client.call(ProviderKeysRpc.listProviderKeys, asked, options);
    return pageOf(provider_keys, next_cursor);
  }

  @Post()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Bring a project’s own key for a provider: its requests go over it, and it pays for them.' })
  @ApiResponse({ status: 201, standardSchema: providerKey })
  createProviderKey(
    @Body({ schema: NewProviderKey }) body: z.output<typeof NewProviderKey>,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(ProviderKeysRpc.createProviderKey, { ...tenantOf(caller), ...body }, options);
  }

  @Get(':id')
  @Etag()
  @ApiOperation({ summary: 'One own provider key, without its secret.' })
  @ApiResponse({ status: 200, standardSchema: providerKey })
  getProviderKey(
    @Param('id', { schema: providerKeyId }) provider_key_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(ProviderKeysRpc.getProviderKey, { ...tenantOf(caller), provider_key_id }, options);
  }

  @Patch(':id')
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Another name, or another secret in place of the old one.' })
  @ApiResponse({ status: 200, standardSchema: providerKey })
  updateProviderKey(
    @Param('id', { schema: providerKeyId }) provider_key_id: string,
    @Body({ schema: ProviderKeyChange }) body: z.output<typeof ProviderKeyChange>,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), provider_key_id, expected_revision, ...body };
    return this.client.call(ProviderKeysRpc.updateProviderKey, asked, options);
  }

  @Delete(':id')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forget it: the project’s requests go over the installation’s credential again.' })
  async deleteProviderKey(
    @Param('id', { schema: providerKeyId }) provider_key_id: string,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), provider_key_id, expected_revision };
    await this.client.call(ProviderKeysRpc.deleteProviderKey, asked, options);
  }
}
