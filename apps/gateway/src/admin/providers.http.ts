import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { NewProvider, ProviderChange, ProviderPage } from '#contracts/admin-catalogue';
import { CatalogueRpc, provider, providerId } from '#contracts/catalogue';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';
import { pageOf } from './page.js';

@ApiTags('catalogue')
@Controller('api/providers')
export class ProvidersHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({ summary: 'Who serves models. Where a credential is, never what it is.' })
  @ApiResponse({ status: 200, standardSchema: ProviderPage })
  async listProviders(@Asking() options: CallOptions) {
    const { providers } = await this.client.call(CatalogueRpc.listProviders, {}, options);
    return pageOf(providers);
  }

  @Post()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'A new provider. For operators.' })
  @ApiResponse({ status: 201, standardSchema: provider })
  createProvider(
    @Body({ schema: NewProvider }) body: z.output<typeof NewProvider>,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(CatalogueRpc.createProvider, { ...tenantOf(caller), ...body }, options);
  }

  @Get(':id')
  @Etag()
  @ApiOperation({ summary: 'One provider.' })
  @ApiResponse({ status: 200, standardSchema: provider })
  getProvider(@Param('id', { schema: providerId }) provider_id: string, @Asking() options: CallOptions) {
    return this.client.call(CatalogueRpc.getProvider, { provider_id }, options);
  }

  @Patch(':id')
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Change a provider. Own keys that were entered for another origin never go to this one.' })
  @ApiResponse({ status: 200, standardSchema: provider })
  updateProvider(
    @Param('id', { schema: providerId }) provider_id: string,
    @Body({ schema: ProviderChange }) body: z.output<typeof ProviderChange>,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), provider_id, expected_revision, ...body };
    return this.client.call(CatalogueRpc.updateProvider, asked, options);
  }

  @Delete(':id')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take out a provider that no model needs any more. For operators.' })
  async deleteProvider(
    @Param('id', { schema: providerId }) provider_id: string,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), provider_id, expected_revision };
    await this.client.call(CatalogueRpc.deleteProvider, asked, options);
  }
}
