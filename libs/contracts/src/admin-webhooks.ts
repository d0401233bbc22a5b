import { z } from 'zod';
import { delivery, webhook, webhookFields } from './webhooks.js';

/** What `/api/webhooks` takes and gives. */
export const NewWebhook = z
  .strictObject({
    ...webhookFields,
    description: webhookFields.description.default(''),
    project_id: webhookFields.project_id.default(null),
  })
  .meta({ id: 'NewWebhook' });

export const WebhookChange = z
  .strictObject({ ...webhookFields, status: webhook.shape.status })
  .partial()
  .meta({ id: 'WebhookChange' });

const page = { has_more: z.boolean(), next_cursor: z.string().nullable() };

export const WebhookPage = z.object({ data: z.array(webhook), ...page }).meta({ id: 'WebhookPage' });
export const DeliveryPage = z.object({ data: z.array(delivery), ...page }).meta({ id: 'DeliveryPage' });
