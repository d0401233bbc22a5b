import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { Delivery as DeliveryView, Webhook as WebhookView } from '#contracts/webhooks';
import { assertRevision } from '#runtime/store/revision';
import { findProject } from './projects.js';
import { Delivery, Webhook } from './webhook-entities.js';

interface Which {
  readonly organization_id: string;
  readonly webhook_id: string;
  readonly expected_revision?: number;
}

const MOST = 20;

/** One webhook of one tenant. */
export async function findWebhook(
  db: DataSource | EntityManager,
  { organization_id, webhook_id }: Which,
  lock = false,
): Promise<Webhook> {
  const manager = 'manager' in db ? db.manager : db;
  const where = { id: webhook_id, organizationId: organization_id, deletedAt: IsNull() };
  const options = lock ? { lock: { mode: 'pessimistic_write' as const } } : {};
  const webhook = await manager.findOne(Webhook, { where, ...options });
  if (!webhook) throw new Refused('not_found', { message: 'There is no such webhook.' });
  return webhook;
}

export async function lockWebhook(db: EntityManager, which: Which): Promise<Webhook> {
  const webhook = await findWebhook(db, which, true);
  assertRevision(webhook.revision, which.expected_revision);
  return webhook;
}

/** Asked under the organization’s lock. */
export async function assertRoom(db: EntityManager, organizationId: string): Promise<void> {
  const there = await db.countBy(Webhook, { organizationId, deletedAt: IsNull() });
  if (there < MOST) return;
  throw new Refused('plan_limit_reached', {
    message: `An organization can have ${MOST} webhooks.`,
    details: { allowed: MOST, used: there },
  });
}

/** Null is every project. */
export async function assertProject(db: EntityManager, organization_id: string, project_id: string | null) {
  if (project_id !== null) await findProject(db, { organization_id, project_id });
}

export function webhookView(webhook: Webhook): WebhookView {
  const { id, url, description, events, projectId, status, pausedBecause, createdAt, createdBy, updatedAt } = webhook;
  return {
    id,
    url,
    description,
    events,
    project_id: projectId,
    status,
    paused_because: pausedBecause,
    created_at: createdAt.toISOString(),
    created_by: createdBy,
    updated_at: updatedAt.toISOString(),
    revision: Number(webhook.revision),
  };
}

/** For the audit log. */
export function auditedWebhook({ url, description, events, projectId, status }: Webhook): Record<string, unknown> {
  return { url, description, events, project_id: projectId, status };
}

export function deliveryView(delivery: Delivery): DeliveryView {
  return {
    id: delivery.id,
    webhook_id: delivery.webhookId,
    type: delivery.type,
    status: delivery.status,
    tries: delivery.tries,
    created_at: delivery.createdAt.toISOString(),
    next_try_at: delivery.nextTryAt?.toISOString() ?? null,
    last_tried_at: delivery.lastTriedAt?.toISOString() ?? null,
    response_status: delivery.responseStatus,
    response: delivery.response,
    error: delivery.error,
    payload: delivery.payload,
  };
}

export async function findDelivery(
  db: EntityManager,
  { organization_id, webhook_id, delivery_id }: Which & { delivery_id: string },
): Promise<Delivery> {
  const where = { id: delivery_id, webhookId: webhook_id, organizationId: organization_id };
  const delivery = await db.findOne(Delivery, { where, lock: { mode: 'pessimistic_write' } });
  if (!delivery) throw new Refused('not_found', { message: 'There is no such delivery.' });
  return delivery;
}
