import { DiscardPolicy, jetstream, RetentionPolicy, type StreamConfig, type StreamInfo } from '@nats-io/jetstream';
import { headers, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { Event } from '#contracts/event';
import { ensureStream } from './stream.js';

export const EVENT_STREAM = 'KEYWARD_EVENTS';
export const REVISION_HEADER = 'Keyward-Revision';

const TIMEOUT_MS = 2_000;

/** A day of events, enough for a service that was away; whoever was away longer reads the owner's tables again. */
const CONFIG = {
  subjects: ['keyward.events.>'],
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  max_age: nanos(24 * 60 * 60 * 1_000),
  max_bytes: 64 * 1024 * 1024,
  duplicate_window: nanos(2 * 60 * 1_000),
} satisfies Partial<StreamConfig>;

export function ensureEventStream(connection: NatsConnection): Promise<StreamInfo> {
  return ensureStream(connection, EVENT_STREAM, CONFIG);
}

export interface PublishOptions {
  /** Counts up with every change of the publishing service; the event's identity together with its subject. */
  readonly revision: number;
  readonly timeoutMs?: number;
}

export interface Published {
  readonly sequence: number;
  /** It was there already: an earlier attempt had arrived although its answer had not. */
  readonly duplicate: boolean;
}

/** Tells events, each stored once. */
export class EventPublisher {
  readonly #connection: NatsConnection;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** Throws where the event is not known to be stored. It may be: publish it again with the same revision. */
  async publish<E extends Event>(
    definition: E,
    payload: z.input<E['payload']>,
    { revision, timeoutMs = TIMEOUT_MS }: PublishOptions,
  ): Promise<Published> {
    if (!Number.isSafeInteger(revision)) throw new RangeError(`${definition.subject} needs a whole revision`);
    const body = JSON.stringify(definition.payload.parse(payload));
    const send = () => this.#send(definition.subject, body, revision, timeoutMs);
    try {
      return await send();
    } catch (error) {
      // Nobody stores this subject: the server came back without its data.
      if (!(error instanceof Error && error.name === 'JetStreamNotEnabled')) throw error;
      await ensureEventStream(this.#connection);
      return send();
    }
  }

  async #send(subject: string, body: string, revision: number, timeout: number): Promise<Published> {
    const beside = headers();
    beside.set(REVISION_HEADER, String(revision));
    const ack = await jetstream(this.#connection).publish(subject, body, {
      msgID: `${subject}:${revision}`,
      headers: beside,
      timeout,
    });
    return { sequence: ack.seq, duplicate: ack.duplicate };
  }
}
