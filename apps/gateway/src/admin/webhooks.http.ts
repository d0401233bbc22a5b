import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { PageQuery } from '#contracts/admin-people';
import { DeliveryPage, NewWebhook, WebhookChange, WebhookPage } from '#contracts/admin-webhooks';
import { id } from '#contracts/fields';
import { delivery, madeWebhook, WebhooksRpc, webhook } from '#contracts/webhooks';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';
import { pageOf } from './page.js';

const webhookId = id('webhook');
const deliveryId = id('delivery');

@ApiTags('webhooks')
@Needs('webhook')
@Controller('api/webhooks')
export class WebhooksHttp {
  constructor(private readonly client: BusClient) {}

  @Post()
  // The secret is in the reply: a proxy between here and the client must not keep it.
  @Header('cache-control', 'no-store')
  @Etag()
  @ApiOperation({ summary: 'Have events sent to a URL. The reply holds the secret they are signed with, once.' })
  @ApiResponse({ status: 201, standardSchema: madeWebhook })
  createWebhook(
    @Body({ schema: NewWebhook }) body: z.output<typeof NewWebhook>,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(WebhooksRpc.createWebhook, { ...tenantOf(caller), ...body }, options);
  }

  @Get()
  @ApiOperation({ summary: 'The webhooks of the organization, oldest first.' })
  @ApiResponse({ status: 200, standardSchema: WebhookPage })
  async listWebhooks(
    @Query({ schema: PageQuery }) query: PageQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...query };
    const { webhooks, next_cursor } = await this.client.call(WebhooksRpc.listWebhooks, asked, options);
    return pageOf(webhooks, next_cursor);
  }

  @Get(':id')
  @Etag()
  @ApiOperation({ summary: 'One webhook, and why it is paused if it is.' })
  @ApiResponse({ status: 200, standardSchema: webhook })
  getWebhook(
    @Param('id', { schema: webhookId }) webhook_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(WebhooksRpc.getWebhook, { ...tenantOf(caller), webhook_id }, options);
  }

  @Patch(':id')
  @Etag()
  @ApiOperation({ summary: 'Change, pause or resume a webhook.' })
  @ApiResponse({ status: 200, standardSchema: webhook })
  updateWebhook(
    @Param('id', { schema: webhookId }) webhook_id: string,
    @Body({ schema: WebhookChange }) body: z.output<typeof WebhookChange>,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), webhook_id, expected_revision, ...body };
    return this.client.call(WebhooksRpc.updateWebhook, asked, options);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a webhook; what still waits for it is not sent.' })
  async deleteWebhook(
    @Param('id', { schema: webhookId }) webhook_id: string,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), webhook_id, expected_revision };
    await this.client.call(WebhooksRpc.deleteWebhook, asked, options);
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'A new secret, shown once. For a day everything is signed with both.' })
  @ApiResponse({ status: 200, standardSchema: madeWebhook })
  rotateSecret(
    @Param('id', { schema: webhookId }) webhook_id: string,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), webhook_id, expected_revision };
    return this.client.call(WebhooksRpc.rotateWebhookSecret, asked, options);
  }

  @Post(':id/test')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send an event of the type webhook.test.' })
  @ApiResponse({ status: 202, standardSchema: delivery })
  testWebhook(
    @Param('id', { schema: webhookId }) webhook_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(WebhooksRpc.testWebhook, { ...tenantOf(caller), webhook_id }, options);
  }

  @Get(':id/deliveries')
  @ApiOperation({ summary: 'What was sent, newest first, and how it was answered. Kept for thirty days.' })
  @ApiResponse({ status: 200, standardSchema: DeliveryPage })
  async listDeliveries(
    @Param('id', { schema: webhookId }) webhook_id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), webhook_id, ...query };
    const { deliveries, next_cursor } = await this.client.call(WebhooksRpc.listDeliveries, asked, options);
    return pageOf(deliveries, next_cursor);
  }

  @Post(':id/deliveries/:deliveryId/redeliver')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send a delivery again now, under its own id.' })
  @ApiResponse({ status: 202, standardSchema: delivery })
  redeliver(
    @Param('id', { schema: webhookId }) webhook_id: string,
    @Param('deliveryId', { schema: deliveryId }) delivery_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), webhook_id, delivery_id };
    return this.client.call(WebhooksRpc.redeliver, asked, options);
  }
}
