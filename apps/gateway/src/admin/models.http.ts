import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ModelChange, ModelPage, ModelQuery, ModelRulesQuery, NewModel } from '#contracts/admin-catalogue';
import { CatalogueRpc, model, modelId } from '#contracts/catalogue';
import { ModelRulesRpc, modelRules } from '#contracts/model-rules';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';
import { pageOf } from './page.js';

/** An operator's question looks at the rules of everybody. */
const RULES_MILLISECONDS = 15_000;

/** Everybody sees the catalogue; it is shared by all organizations, so that only operators change it. */
@ApiTags('catalogue')
@Controller('api/models')
export class ModelsHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({ summary: 'The models there are, with their prices for a million tokens, by name.' })
  @ApiResponse({ status: 200, standardSchema: ModelPage })
  async listModels(@Query({ schema: ModelQuery }) query: ModelQuery, @Asking() options: CallOptions) {
    const { models, next_cursor } = await this.client.call(CatalogueRpc.listModels, query, options);
    return pageOf(models, next_cursor);
  }

  @Post()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'A new model, or another name for one. For operators.' })
  @ApiResponse({ status: 201, standardSchema: model })
  createModel(
    @Body({ schema: NewModel }) body: z.output<typeof NewModel>,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(CatalogueRpc.createModel, { ...tenantOf(caller), ...body }, options);
  }

  @Get(':id')
  @Etag()
  @ApiOperation({ summary: 'One model, with every price it had, has and will have. A slash in its name is %2F.' })
  @ApiResponse({ status: 200, standardSchema: model })
  getModel(@Param('id', { schema: modelId }) model_id: string, @Asking() options: CallOptions) {
    return this.client.call(CatalogueRpc.getModel, { model_id }, options);
  }

  @Get(':id/rules')
  @ApiOperation({
    summary: 'Which rules are about a model: to look at before it is taken away, or has another price.',
  })
  @ApiResponse({ status: 200, standardSchema: modelRules })
  listModelRules(
    @Param('id', { schema: modelId }) model_id: string,
    @Query({ schema: ModelRulesQuery }) query: ModelRulesQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), model_id, ...query };
    return this.client.call(ModelRulesRpc.listModelRules, asked, { ...options, timeoutMs: RULES_MILLISECONDS });
  }

  @Patch(':id')
  @Needs('admin')
  @Etag()
  @ApiOperation({
    summary: 'Change a model. A new price holds from now on, or from later; the past stays. For operators.',
  })
  @ApiResponse({ status: 200, standardSchema: model })
  updateModel(
    @Param('id', { schema: modelId }) model_id: string,
    @Body({ schema: ModelChange }) body: z.output<typeof ModelChange>,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), model_id, expected_revision, ...body };
    return this.client.call(CatalogueRpc.updateModel, asked, options);
  }

  @Delete(':id')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a model out of the catalogue. For operators.' })
  async deleteModel(
    @Param('id', { schema: modelId }) model_id: string,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    await this.client.call(CatalogueRpc.deleteModel, { ...tenantOf(caller), model_id, expected_revision }, options);
  }
}
