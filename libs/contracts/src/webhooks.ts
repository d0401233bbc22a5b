import { z } from 'zod';
import { id, moment, revision, text } from './fields.js';
import { rpc } from './rpc.js';

/** `key.leaked`, `key.*`, or `*` for everything there is and will be. */
const eventPattern = z
  .string()
  .regex(/^(\*|[a-z_]{1,32}\.(\*|[a-z_]{1,32}))$/, 'must look like key.leaked, key.* or *')
  .meta({ examples: ['key.*'] });

const events = z
  .array(eventPattern)
  .min(1, 'must name at least one event')
  .max(50, 'must be at most 50')
  .refine((patterns) => new Set(patterns).size === patterns.length, 'must not name an event twice')
  .meta({ examples: [['key.*', 'limit.threshold']] });

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL', abort: true })
  .max(2000, 'must have at most 2000 letters')
  .refine((address) => {
    const { username, password } = new URL(address);
    return username === '' && password === '';
  }, 'must not have a user or password in it')
  .meta({ examples: ['https://hooks.example.com/keyward'] });

const status = z.enum(['active', 'paused']);

export const webhook = z
  .object({
    id: id('webhook'),
    url: z.string(),
    description: z.string(),
    events: z.array(z.string()),
    project_id: id('project').nullable().describe('Null: of every project, and what belongs to none.'),
    status,
    paused_because: z
      .enum(['asked', 'gone', 'failing'])
      .nullable()
      .describe('`gone`: it answered 410. `failing`: a delivery was tried for a day in vain.'),
    created_at: moment,
    created_by: z.string(),
    updated_at: moment,
    revision,
  })
  .meta({ id: 'Webhook' });

/** With its secret: in the reply that made it, and nowhere else. */
export const madeWebhook = webhook
  .extend({ secret: z.string().optional().describe('`whsec_…`, shown once: an idempotent replay has none.') })
  .meta({ id: 'MadeWebhook' });

export const delivery = z
  .object({
    id: id('delivery').describe('The `webhook-id` it is sent with, the same at every try.'),
    webhook_id: id('webhook'),
    type: z.string(),
    status: z.enum(['waiting', 'delivered', 'failed']),
    tries: z.int().min(0),
    created_at: moment,
    next_try_at: moment.nullable(),
    last_tried_at: moment.nullable(),
    response_status: z.int().nullable(),
    response: z.string().nullable().describe('The beginning of what was answered.'),
    error: z.string().nullable(),
    payload: z.unknown(),
  })
  .meta({ id: 'Delivery' });

const tenant = { organization_id: id('organization') };
const one = { ...tenant, webhook_id: id('webhook') };
const expected = { expected_revision: revision.optional() };
const page = { limit: z.int().min(1).max(100).default(50), cursor: z.string().max(400).optional() };

/** What somebody says of a webhook; all of it can be changed later. */
export const webhookFields = {
  url,
  description: text(200),
  events,
  project_id: id('project').nullable(),
};

export const WebhooksRpc = {
  createWebhook: rpc({
    subject: 'keyward.keys.create_webhook',
    summary:
      'Have events sent to a URL, signed as Standard Webhooks are. Its secret is in this reply and nowhere else.',
    request: z.strictObject({
      ...tenant,
      url,
      description: webhookFields.description.default(''),
      events,
      project_id: webhookFields.project_id.default(null),
    }),
    reply: madeWebhook,
  }),
  getWebhook: rpc({
    subject: 'keyward.keys.get_webhook',
    summary: 'One webhook.',
    request: z.strictObject(one),
    reply: webhook,
  }),
  listWebhooks: rpc({
    subject: 'keyward.keys.list_webhooks',
    summary: 'The webhooks of the organization, oldest first.',
    request: z.strictObject({ ...tenant, ...page }),
    reply: z.object({ webhooks: z.array(webhook), next_cursor: z.string().nullable() }),
  }),
  updateWebhook: rpc({
    subject: 'keyward.keys.update_webhook',
    summary: 'Change, pause or resume a webhook.',
    request: z.strictObject({
      ...one,
      ...expected,
      url: url.optional(),
      description: webhookFields.description.optional(),
      events: events.optional(),
      project_id: webhookFields.project_id.optional(),
      status: status.optional(),
    }),
    reply: webhook,
  }),
  deleteWebhook: rpc({
    subject: 'keyward.keys.delete_webhook',
    summary: 'Delete a webhook; what still waits for it is not sent.',
    request: z.strictObject({ ...one, ...expected }),
    reply: z.object({}),
  }),
  rotateWebhookSecret: rpc({
    subject: 'keyward.keys.rotate_webhook_secret',
    summary: 'A new secret. For a day everything is signed with both.',
    request: z.strictObject({ ...one, ...expected }),
    reply: madeWebhook,
  }),
  testWebhook: rpc({
    subject: 'keyward.keys.test_webhook',
    summary: 'Send it an event of the type webhook.test.',
    request: z.strictObject(one),
    reply: delivery,
  }),
  listDeliveries: rpc({
    subject: 'keyward.keys.list_deliveries',
    summary: 'What was sent to a webhook, newest first. Kept for thirty days.',
    request: z.strictObject({ ...one, ...page }),
    reply: z.object({ deliveries: z.array(delivery), next_cursor: z.string().nullable() }),
  }),
  redeliver: rpc({
    subject: 'keyward.keys.redeliver',
    summary: 'Send a delivery again now, under its own id.',
    request: z.strictObject({ ...one, delivery_id: id('delivery') }),
    reply: delivery,
  }),
};

export type Webhook = z.output<typeof webhook>;
export type Delivery = z.output<typeof delivery>;
