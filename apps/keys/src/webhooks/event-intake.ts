import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import { z } from 'zod';
import { matchesWildcard } from '#domain/routing/wildcard';
import { EVENT_STREAM, ensureEventStream } from '#rpc/events';
import { nowAndThen } from '#rpc/now-and-then';
import { Clock } from '#runtime/clock';
import { type KeysKit, KIT } from '../kit.js';
import { Delivery, Webhook } from '../store/webhook-entities.js';
import { newDelivery } from './new-delivery.js';

/** All replicas share it: an event is taken in by one of them, and by another if that one dies with it. */
const CONSUMER = 'webhooks';
const SUBJECTS = 'keyward.events.';
const WAIT_MILLISECONDS = 1000;
const RETRY_MILLISECONDS = 1000;
const ACK_MILLISECONDS = 10_000;

/** What every event that belongs to somebody has; those of all tenants, like the catalogue's, are nobody's to receive. */
const owned = z.looseObject({
  organization_id: z.string(),
  project_id: z.string().nullish(),
  change: z.string().optional(),
  at: z.string().optional(),
});

/** Turns what is told on the bus into deliveries, one for each webhook that wants it; the sender takes it from there. */
@Injectable()
export class EventIntake implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  private readonly complain = nowAndThen(() => this.kit.log, 'events for webhooks could not be taken in; trying again');

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: Pick<KeysKit, 'bus' | 'log'>,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    let consumer: Consumer | undefined;
    while (!this.stopping.signal.aborted) {
      try {
        consumer ??= await this.join();
        const message = await consumer.next({ expires: WAIT_MILLISECONDS });
        if (message) await this.take(message);
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.complain(error);
        // The stream may have come back empty after a loss of data: look for it again.
        consumer = undefined;
        await sleep(RETRY_MILLISECONDS, undefined, { signal: this.stopping.signal }).catch(() => {});
      }
    }
  }

  private async join(): Promise<Consumer> {
    await ensureEventStream(this.kit.bus);
    const manager = await jetstreamManager(this.kit.bus, { timeout: 2000 });
    await manager.consumers.add(EVENT_STREAM, {
      durable_name: CONSUMER,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_MILLISECONDS),
      // Nobody is told of what happened before there were webhooks.
      deliver_policy: DeliverPolicy.New,
    });
    return jetstream(this.kit.bus, { timeout: 2000 }).consumers.get(EVENT_STREAM, CONSUMER);
  }

  private async take(message: JsMsg): Promise<void> {
    const event = read(message);
    if (!event) {
      message.ack();
      return;
    }
    try {
      await this.record(event);
      message.ack();
    } catch (error) {
      message.nak(RETRY_MILLISECONDS);
      throw error;
    }
  }

  private async record({ id, type, organizationId, projectId, at, data }: Event): Promise<void> {
    const webhooks = await this.db.manager.findBy(Webhook, { organizationId, status: 'active', deletedAt: IsNull() });
    const wanting = webhooks.filter(
      (webhook) =>
        (webhook.projectId === null || webhook.projectId === projectId) &&
        webhook.events.some((pattern) => matchesWildcard(pattern, type)),
    );
    if (wanting.length === 0) return;
    const now = this.clock.date();
    const rows = wanting.map((webhook) => newDelivery({ webhook, type, event: id, data, at }, now));
    await this.db
      .createQueryBuilder()
      .insert()
      .into(Delivery)
      .values(rows as never)
      // Told to us a second time: it is on its way already.
      .orIgnore()
      .execute();
  }
}

interface Event {
  readonly id: string;
  readonly type: string;
  readonly organizationId: string;
  readonly projectId: string | null;
  readonly at?: string;
  readonly data: Record<string, unknown>;
}

function read(message: JsMsg): Event | null {
  const payload = owned.safeParse(readJson(message)).data;
  if (!payload) return null;
  const subject = message.subject.slice(SUBJECTS.length);
  const type = subject === 'key.changed' ? `key.${payload.change}` : subject;
  // It has an event of its own, which also says where.
  if (type === 'key.leaked' && subject === 'key.changed') return null;
  return {
    id: message.headers?.get('Nats-Msg-Id') || `${subject}:${message.seq}`,
    type,
    organizationId: payload.organization_id,
    projectId: payload.project_id ?? null,
    at: payload.at,
    data: payload,
  };
}

function readJson(message: JsMsg): unknown {
  try {
    return message.json();
  } catch {
    return null;
  }
}
