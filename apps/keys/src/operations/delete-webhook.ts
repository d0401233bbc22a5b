import { Injectable } from '@nestjs/common';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { Delivery, Webhook } from '../store/webhook-entities.js';
import { auditedWebhook, lockWebhook } from '../store/webhooks.js';

type Request = Asked<typeof WebhooksRpc.deleteWebhook>;

@Injectable()
export class DeleteWebhook {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof WebhooksRpc.deleteWebhook>> {
    await this.mutations.run({
      name: 'deleteWebhook',
      organizationId: request.organization_id,
      needs: 'webhook',
      context,
      request,
      work: (doing) => this.delete(doing, request),
    });
    return {};
  }

  private async delete({ db, now, audit }: Doing, request: Request): Promise<null> {
    const webhook = await lockWebhook(db, request);
    await db.update(Webhook, { id: webhook.id, organizationId: webhook.organizationId }, { deletedAt: now });
    await db.update(Delivery, { webhookId: webhook.id, status: 'waiting' }, { status: 'failed', nextTryAt: null });
    audit({ action: 'webhook.delete', subject: webhook.id, before: auditedWebhook(webhook), after: null });
    return null;
  }
}
