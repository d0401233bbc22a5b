import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ReportsRpc } from '#contracts/reports';
import { USAGE_STREAM } from '#contracts/usage';
import type { BusClient } from '#rpc/client';
import { ensureUsageStream, publishUsageText } from '#rpc/usage-stream';
import type { Log } from '#runtime/log';
import type { Segment } from './segments.js';

/** Some records of a file, under a name that stays the same however often they are told. */
export interface Batch {
  readonly id: string;
  readonly segment: Segment;
  /** When the first of its requests was admitted. */
  readonly since: number;
  readonly events: number;
  /** A `UsageBatch` as JSON, out of memory or off the disk. */
  readonly load: () => string;
  /** Where in the stream it was stored, and in which: one that lost its data counts from 1 again. */
  stored?: { readonly sequence: number; readonly at: number };
}

const CONFIRM_AT_ONCE = 500;
/** A ledger that keeps up has a batch long before. */
const DOUBT_MILLISECONDS = 10_000;

/** Carries batches to the stream, and asks the ledger for them until it has them: JetStream is the way, not the end. */
export class Courier {
  private readonly waiting: Batch[] = [];
  private readonly stored = new Map<string, Batch>();

  constructor(
    private readonly bus: NatsConnection,
    private readonly client: BusClient,
    private readonly log: Log,
    private readonly delivered: (batch: Batch) => void,
  ) {}

  get size(): number {
    return this.waiting.reduce((sum, { events }) => sum + events, 0);
  }

  get isIdle(): boolean {
    return this.waiting.length === 0;
  }

  get isDone(): boolean {
    return this.isIdle && this.stored.size === 0;
  }

  /** The oldest request that the ledger may not know of. */
  get since(): number {
    let since = Number.POSITIVE_INFINITY;
    for (const batch of this.waiting) since = Math.min(since, batch.since);
    for (const batch of this.stored.values()) since = Math.min(since, batch.since);
    return since;
  }

  add(batch: Batch): void {
    this.waiting.push(batch);
  }

  /** Until nothing waits; throws where a batch is not known to be stored. */
  async send(): Promise<void> {
    for (let [batch] = this.waiting; batch; [batch] = this.waiting) {
      const sequence = await this.publish(batch);
      batch.stored = { sequence, at: Date.now() };
      this.waiting.shift();
      this.stored.set(batch.id, batch);
    }
  }

  /** Forgets what the ledger has, and tells again what has got lost on the way. */
  async confirm(): Promise<void> {
    const asked = [...this.stored.values()].slice(0, CONFIRM_AT_ONCE);
    if (asked.length === 0) return;
    const { written } = await this.client.call(ReportsRpc.confirmBatches, { ids: asked.map(({ id }) => id) });
    for (const id of written) {
      const batch = this.stored.get(id);
      if (batch && this.stored.delete(id)) this.delivered(batch);
    }
    const doubtful = asked.filter(
      ({ id, stored }) => this.stored.has(id) && stored && stored.at < Date.now() - DOUBT_MILLISECONDS,
    );
    if (doubtful.length) await this.lookFor(doubtful);
  }

  /** Behind a ledger that is late a batch only waits its turn. One that the stream does not have any more is told again. */
  private async lookFor(doubtful: readonly Batch[]): Promise<void> {
    const { streams } = await jetstreamManager(this.bus, { checkAPI: false, timeout: 2000 });
    const { state, created } = await streams.info(USAGE_STREAM);
    const isWaiting = ({ stored }: Batch) =>
      stored !== undefined &&
      Date.parse(created) < stored.at &&
      state.messages > 0 &&
      state.first_seq <= stored.sequence &&
      stored.sequence <= state.last_seq;
    const lost = doubtful.filter((batch) => !isWaiting(batch));
    if (lost.length)
      this.log.warn({ batches: lost.length }, 'usage that was stored is not in the ledger; telling it again');
    for (const batch of lost) {
      this.stored.delete(batch.id);
      this.waiting.push(batch);
    }
  }

  private async publish(batch: Batch): Promise<number> {
    try {
      return await publishUsageText(this.bus, batch.id, batch.load());
    } catch (error) {
      // Nobody stores this subject: the server came back without its data.
      if (!(error instanceof Error && error.name === 'JetStreamNotEnabled')) throw error;
      await ensureUsageStream(this.bus);
      return publishUsageText(this.bus, batch.id, batch.load());
    }
  }
}
