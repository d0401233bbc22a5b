import {
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const TIMEOUT_MS = 2_000;

/**
 * The stream as it should be: created where missing, corrected where different. Safe to call from everywhere, again
 * and again. What the config does not name (replicas, placement) is the operator's to set.
 */
export async function ensureStream(
  connection: NatsConnection,
  name: string,
  config: Partial<StreamConfig>,
): Promise<StreamInfo> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false, timeout: TIMEOUT_MS });
  const found = await streams.info(name).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  });
  if (!found) return streams.add({ name, storage: StorageType.File, ...config });
  const existing: Partial<Record<string, unknown>> = { ...found.config };
  const same = Object.entries(config).every(([key, value]) => JSON.stringify(existing[key]) === JSON.stringify(value));
  return same ? found : streams.update(name, { ...found.config, ...config });
}
