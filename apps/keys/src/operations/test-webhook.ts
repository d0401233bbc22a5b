import { Injectable } from '@nestjs/common';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { Mutations } from '../mutation/mutations.js';
import { Delivery } from '../store/webhook-entities.js';
import { deliveryView, findWebhook } from '../store/webhooks.js';
import { newDelivery } from '../webhooks/new-delivery.js';

type Request = Asked<typeof WebhooksRpc.testWebhook>;
type Answer = Answers<typeof WebhooksRpc.testWebhook>;

const TYPE = 'webhook.test';

@Injectable()
export class TestWebhook {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { answer } = await this.mutations.run<Answer>({
      name: 'testWebhook',
      organizationId: request.organization_id,
      needs: 'webhook',
      context,
      request,
      work: async ({ db, now }) => {
        const webhook = await findWebhook(db, request);
        const data = { webhook_id: webhook.id, organization_id: webhook.organizationId };
        const delivery = newDelivery({ webhook, type: TYPE, event: null, data }, now);
        await db.insert(Delivery, { ...delivery, payload: delivery.payload as never });
        return deliveryView(delivery);
      },
    });
    return answer;
  }
}
