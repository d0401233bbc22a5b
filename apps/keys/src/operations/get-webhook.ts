import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Answers, Asked } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { findWebhook, webhookView } from '../store/webhooks.js';

@Injectable()
export class GetWebhook {
  constructor(private readonly db: DataSource) {}

  async run(asked: Asked<typeof WebhooksRpc.getWebhook>): Promise<Answers<typeof WebhooksRpc.getWebhook>> {
    return webhookView(await findWebhook(this.db, asked));
  }
}
