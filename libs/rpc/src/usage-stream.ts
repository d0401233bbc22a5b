import { DiscardPolicy, jetstream, RetentionPolicy, type StreamConfig } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { type SecretUse, USAGE_STREAM, USAGE_SUBJECT, USES_SUBJECT, type UsageBatch } from '#contracts/usage';
import { ensureStream } from './stream.js';

const TIMEOUT_MS = 2_000;

const CONFIG = {
  subjects: ['keyward.usage_events.>'],
  // Kept until the ledger has it; a full stream refuses, so that what does not fit stays with the gateway.
  retention: RetentionPolicy.Workqueue,
  discard: DiscardPolicy.New,
  max_bytes: 256 * 1024 * 1024,
  duplicate_window: nanos(2 * 60 * 1_000),
} satisfies Partial<StreamConfig>;

export function ensureUsageStream(connection: NatsConnection) {
  return ensureStream(connection, USAGE_STREAM, CONFIG);
}

/** Resolves when the batch is stored, with its place in the stream. A failure means unknown: send the same batch under the same id again. */
export function publishUsage(connection: NatsConnection, batchId: string, batch: UsageBatch): Promise<number> {
  return publishUsageText(connection, batchId, JSON.stringify(batch));
}

/** For who has the batch as text. */
export async function publishUsageText(connection: NatsConnection, batchId: string, batch: string): Promise<number> {
  const { seq } = await jetstream(connection).publish(USAGE_SUBJECT, batch, { msgID: batchId, timeout: TIMEOUT_MS });
  return seq;
}

/** When secrets were last used. Told again after a failure: the latest use is the latest, however often it is told. */
export async function publishUses(connection: NatsConnection, uses: readonly SecretUse[]): Promise<void> {
  await jetstream(connection).publish(USES_SUBJECT, JSON.stringify({ uses }), { timeout: TIMEOUT_MS });
}
