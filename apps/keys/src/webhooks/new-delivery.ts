import { randomBytes } from 'node:crypto';
import { newId } from '#domain/id';
import type { Delivery, Webhook } from '../store/webhook-entities.js';

interface Told {
  readonly webhook: Pick<Webhook, 'id' | 'organizationId'>;
  readonly type: string;
  /** Which event it is, whoever hears it; null where nobody can hear it twice. */
  readonly event: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it happened; now where nothing is said. */
  readonly at?: string;
}

export function newDelivery({ webhook, type, event, data, at }: Told, now: Date): Delivery {
  const id = newId('delivery', now.getTime(), randomBytes(10));
  return {
    id,
    webhookId: webhook.id,
    organizationId: webhook.organizationId,
    event: event ?? id,
    type,
    payload: { type, timestamp: at ?? now.toISOString(), data },
    status: 'waiting',
    tries: 0,
    createdAt: now,
    nextTryAt: now,
    lastTriedAt: null,
    responseStatus: null,
    response: null,
    error: null,
  };
}
