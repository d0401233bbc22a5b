import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { WebhooksRpc } from '#contracts/webhooks';
import { Serve } from '#rpc/serve';
import { CreateWebhook } from './operations/create-webhook.js';
import { DeleteWebhook } from './operations/delete-webhook.js';
import { GetWebhook } from './operations/get-webhook.js';
import { ListDeliveries } from './operations/list-deliveries.js';
import { ListWebhooks } from './operations/list-webhooks.js';
import { Redeliver } from './operations/redeliver.js';
import { RotateWebhookSecret } from './operations/rotate-webhook-secret.js';
import { TestWebhook } from './operations/test-webhook.js';
import { UpdateWebhook } from './operations/update-webhook.js';

type Calls = typeof WebhooksRpc;

/** Webhooks and what was sent to them: one call of the contract, one operation behind it. */
@Serve(WebhooksRpc)
export class WebhooksHandlers implements Serves<Calls> {
  constructor(
    private readonly createWebhookOperation: CreateWebhook,
    private readonly getWebhookOperation: GetWebhook,
    private readonly listWebhooksOperation: ListWebhooks,
    private readonly updateWebhookOperation: UpdateWebhook,
    private readonly deleteWebhookOperation: DeleteWebhook,
    private readonly rotateWebhookSecretOperation: RotateWebhookSecret,
    private readonly testWebhookOperation: TestWebhook,
    private readonly listDeliveriesOperation: ListDeliveries,
    private readonly redeliverOperation: Redeliver,
  ) {}

  createWebhook(request: Asked<Calls['createWebhook']>, context: CallContext) {
    return this.createWebhookOperation.run(request, context);
  }

  getWebhook(request: Asked<Calls['getWebhook']>) {
    return this.getWebhookOperation.run(request);
  }

  listWebhooks(request: Asked<Calls['listWebhooks']>) {
    return this.listWebhooksOperation.run(request);
  }

  updateWebhook(request: Asked<Calls['updateWebhook']>, context: CallContext) {
    return this.updateWebhookOperation.run(request, context);
  }

  deleteWebhook(request: Asked<Calls['deleteWebhook']>, context: CallContext) {
    return this.deleteWebhookOperation.run(request, context);
  }

  rotateWebhookSecret(request: Asked<Calls['rotateWebhookSecret']>, context: CallContext) {
    return this.rotateWebhookSecretOperation.run(request, context);
  }

  testWebhook(request: Asked<Calls['testWebhook']>, context: CallContext) {
    return this.testWebhookOperation.run(request, context);
  }

  listDeliveries(request: Asked<Calls['listDeliveries']>) {
    return this.listDeliveriesOperation.run(request);
  }

  redeliver(request: Asked<Calls['redeliver']>, context: CallContext) {
    return this.redeliverOperation.run(request, context);
  }
}
