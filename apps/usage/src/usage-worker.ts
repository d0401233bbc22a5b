import { setTimeout as sleep } from 'node:timers/promises';
import { AckPolicy, type Consumer, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import { type SecretUse, USAGE_STREAM, USES_SUBJECT, type UsageEvent, usageBatch, usesBatch } from '#contracts/usage';
import { ensureUsageStream } from '#rpc/usage-stream';
import { KIT, type UsageKit } from './kit.js';
import { writeEvents } from './store/ledger.js';
import { writeUses } from './store/secret-uses.js';

/** All replicas share this consumer: a batch goes to one of them, and to another if that one dies with it. */
const CONSUMER = 'ledger';
const MESSAGES_AT_ONCE = 20;
const WAIT_MILLISECONDS = 1000;
const RETRY_MILLISECONDS = 500;

interface Told {
  readonly events: readonly UsageEvent[];
  readonly uses: readonly SecretUse[];
}

/** Carries usage from the bus into the ledger. Acknowledges what Postgres has committed, and nothing before. */
@Injectable()
export class UsageWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly written: Counter;
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  private trouble?: Error;

  constructor(
    private readonly db: DataSource,
    @Inject(KIT) private readonly kit: UsageKit,
  ) {
    this.written = new Counter({
      name: 'keyward_usage_events_written_total',
      help: 'Usage events written to the ledger',
      registers: [kit.metrics],
    });
  }

  onApplicationBootstrap(): void {
    this.kit.health.watch('ledger', () => {
      if (this.trouble) throw this.trouble;
    });
    this.running = this.work();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async work(): Promise<void> {
    let consumer: Consumer | undefined;
    while (!this.stopping.signal.aborted) {
      try {
        consumer ??= await this.join();
        await this.carry(await take(consumer));
        this.trouble = undefined;
      } catch (error) {
        this.trouble = error as Error;
        this.kit.log.warn({ err: error }, 'usage could not be written; trying again');
        // The stream may have come back empty after a loss of data: look for it again.
        consumer = undefined;
        await sleep(RETRY_MILLISECONDS, undefined, { signal: this.stopping.signal }).catch(() => {});
      }
    }
  }

  private async join(): Promise<Consumer> {
    await ensureUsageStream(this.kit.bus);
    const manager = await jetstreamManager(this.kit.bus, { timeout: 2000 });
    await manager.consumers.add(USAGE_STREAM, {
      durable_name: CONSUMER,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(10_000),
      max_ack_pending: 1000,
    });
    return jetstream(this.kit.bus, { timeout: 2000 }).consumers.get(USAGE_STREAM, CONSUMER);
  }

  private async carry(messages: readonly JsMsg[]): Promise<void> {
    const told = messages.map((message) => this.read(message));
    const events = told.flatMap((each) => each.events);
    // Events say as well that a secret was used.
    const uses = [...events, ...told.flatMap((each) => each.uses)];
    try {
      if (events.length) this.written.inc(await writeEvents(this.db, events));
      if (uses.length) await writeUses(this.db, uses);
    } catch (error) {
      for (const message of messages) message.nak(RETRY_MILLISECONDS);
      throw error;
    }
    for (const message of messages) message.ack();
  }

  /** What cannot be read will never be readable: it is put aside with a loud line instead of blocking the rest. */
  private read(message: JsMsg): Told {
    try {
      if (message.subject === USES_SUBJECT) return { events: [], uses: usesBatch.parse(message.json()).uses };
      // What was denied was never forwarded: there is nothing to account for.
      return { events: usageBatch.parse(message.json()).events.filter(({ kind }) => kind !== 'denied'), uses: [] };
    } catch (error) {
      this.kit.log.error(
        { err: error, sequence: message.seq, bytes: message.data.length },
        'a usage batch is malformed',
      );
      message.term('malformed');
      return { events: [], uses: [] };
    }
  }
}

async function take(consumer: Consumer): Promise<JsMsg[]> {
  const messages: JsMsg[] = [];
  // Comes back as soon as there is one, with what is there by then.
  const first = await consumer.next({ expires: WAIT_MILLISECONDS });
  if (!first) return messages;
  messages.push(first);
  if (first.info.pending === 0) return messages;
  const more = await consumer.fetch({ max_messages: MESSAGES_AT_ONCE - 1, expires: WAIT_MILLISECONDS });
  for await (const message of more) {
    messages.push(message);
    // Nothing more to come: not waiting for the request to run out.
    if (message.info.pending === 0) break;
  }
  return messages;
}
