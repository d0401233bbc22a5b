import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Answers, Asked } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { readPage } from '#runtime/store/page';
import { Webhook } from '../store/webhook-entities.js';
import { webhookView } from '../store/webhooks.js';

@Injectable()
export class ListWebhooks {
  constructor(private readonly db: DataSource) {}

  async run({
    organization_id,
    ...asked
  }: Asked<typeof WebhooksRpc.listWebhooks>): Promise<Answers<typeof WebhooksRpc.listWebhooks>> {
    const webhooks = this.db
      .createQueryBuilder(Webhook, 'w')
      .where('w.organizationId = :organization_id AND w.deletedAt IS NULL', { organization_id });
    const { rows, next_cursor } = await readPage(webhooks, asked, 'ASC');
    return { webhooks: rows.map(webhookView), next_cursor };
  }
}
