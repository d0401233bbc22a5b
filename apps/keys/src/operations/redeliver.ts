import { Injectable } from '@nestjs/common';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { Mutations } from '../mutation/mutations.js';
import { Delivery } from '../store/webhook-entities.js';
import { deliveryView, findDelivery, findWebhook } from '../store/webhooks.js';

type Request = Asked<typeof WebhooksRpc.redeliver>;
type Answer = Answers<typeof WebhooksRpc.redeliver>;

@Injectable()
export class Redeliver {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { answer } = await this.mutations.run<Answer>({
      name: 'redeliver',
      organizationId: request.organization_id,
      needs: 'webhook',
      context,
      request,
      work: async ({ db, now }) => {
        await findWebhook(db, request);
        const delivery = await findDelivery(db, request);
        const again = { status: 'waiting' as const, tries: 0, nextTryAt: now };
        await db.update(Delivery, { id: delivery.id, organizationId: delivery.organizationId }, again);
        return deliveryView({ ...delivery, ...again });
      },
    });
    return answer;
  }
}
