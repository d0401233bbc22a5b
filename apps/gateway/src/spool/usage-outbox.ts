import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { UsageEvent } from '#contracts/usage';
import { publishUsage } from '#rpc/usage-stream';
import type { Log } from '#runtime/log';

const BATCH_EVENTS = 500;
const BATCH_MILLISECONDS = 50;
const RETRY_MILLISECONDS = 250;

/**
 * Usage on its way to the ledger: many requests in one message, sent until JetStream has stored it. A batch keeps its
 * id over all tries, so that one whose answer was lost is not stored twice.
 */
export class UsageOutbox {
  private waiting: UsageEvent[] = [];
  private timer?: NodeJS.Timeout;
  private sending?: Promise<void>;
  private closed = false;

  constructor(
    private readonly bus: NatsConnection,
    private readonly log: Log,
  ) {}

  add(event: UsageEvent): void {
    this.waiting.push(event);
    if (this.waiting.length >= BATCH_EVENTS) void this.send();
    else this.timer ??= setTimeout(() => void this.send(), BATCH_MILLISECONDS);
  }

  get size(): number {
    return this.waiting.length;
  }

  /** Everything that was added is stored when this resolves, or a bounded time has passed. */
  async close(milliseconds: number): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while ((this.waiting.length || this.sending) && Date.now() < deadline) {
      await Promise.race([this.send(), sleep(deadline - Date.now(), undefined, { ref: false })]);
    }
    this.closed = true;
    clearTimeout(this.timer);
    if (this.waiting.length)
      this.log.error({ events: this.waiting.length }, 'stopped with usage that could not be sent');
  }

  private send(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    while (this.waiting.length && !this.closed) {
      const batch = this.waiting.slice(0, BATCH_EVENTS);
      await this.sendBatch(batch);
      this.waiting = this.waiting.slice(batch.length);
    }
  }

  private async sendBatch(batch: readonly UsageEvent[]): Promise<void> {
    const id = randomUUID();
    for (let attempt = 1; !this.closed; attempt++) {
      try {
        return await publishUsage(this.bus, id, { events: [...batch] });
      } catch (error) {
        if (attempt % 20 === 1)
          this.log.warn({ err: error, events: this.waiting.length }, 'usage could not be sent; trying again');
        await sleep(RETRY_MILLISECONDS);
      }
    }
  }
}
