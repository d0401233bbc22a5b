import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Answers, Asked } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { readPage } from '#runtime/store/page';
import { Delivery } from '../store/webhook-entities.js';
import { deliveryView, findWebhook } from '../store/webhooks.js';

@Injectable()
export class ListDeliveries {
  constructor(private readonly db: DataSource) {}

  async run({
    organization_id,
    webhook_id,
    ...asked
  }: Asked<typeof WebhooksRpc.listDeliveries>): Promise<Answers<typeof WebhooksRpc.listDeliveries>> {
    await findWebhook(this.db, { organization_id, webhook_id });
    const deliveries = this.db
      .createQueryBuilder(Delivery, 'd')
      .where('d.webhookId = :webhook_id AND d.organizationId = :organization_id', { webhook_id, organization_id });
    const { rows, next_cursor } = await readPage(deliveries, asked, 'DESC');
    return { deliveries: rows.map(deliveryView), next_cursor };
  }
}
