import { setTimeout as delay } from 'node:timers/promises';
import { type ConsumerMessages, DeliverPolicy, type JsMsg, jetstream } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Event, Told } from '#contracts/event';
import { EVENT_STREAM, ensureEventStream, REVISION_HEADER } from './events.js';
import { type Log, nestLog } from './log.js';

export type Heard<E extends Event> = E extends Event
  ? { readonly definition: E; readonly payload: Told<E>; readonly revision: number }
  : never;

export interface ListenOptions {
  /** Only what is told from now on, or first everything the stream still has. */
  readonly from: 'new' | 'all';
  /**
   * Something may have been missed: the stream lost its data, we were away longer than it remembers, or an event
   * could not be read or applied. Whoever holds anything by these events must drop it.
   */
  readonly onGap?: (reason: string) => void | Promise<void>;
  readonly log?: Log;
}

export interface Listening {
  /** From here on nothing is missed: load what you want to keep after it. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Hears events in the order they were told, one at a time, for as long as the connection lives. */
export function listen<E extends Event>(
  connection: NatsConnection,
  definitions: readonly E[],
  onEvent: (heard: Heard<E>) => void | Promise<void>,
  options: ListenOptions,
): Listening {
  const listener = new Listener(connection, definitions, onEvent, options);
  const ended = listener.run();
  return {
    ready: listener.ready.promise,
    close: () => {
      listener.stop();
      return ended;
    },
  };
}

/** Where we are in which stream: one that was created anew begins again at 1, and looks the same otherwise. */
interface Position {
  created: string;
  sequence: number;
}

const RETRY_MS = 250;

class Listener<E extends Event> {
  readonly ready = Promise.withResolvers<void>();
  readonly #bySubject: Map<string, E>;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  #position?: Position;
  #messages?: ConsumerMessages;

  constructor(
    private readonly connection: NatsConnection,
    definitions: readonly E[],
    private readonly onEvent: (heard: Heard<E>) => void | Promise<void>,
    private readonly options: ListenOptions,
  ) {
    this.#bySubject = new Map(definitions.map((definition) => [definition.subject, definition]));
    this.#log = options.log ?? nestLog('events');
    // Whoever never waits for `ready` must not fall over it.
    this.ready.promise.catch(() => undefined);
  }

  async run(): Promise<void> {
    void this.#startOverOnReconnect();
    while (!this.#over) {
      try {
        const position = await this.#locate();
        this.#messages = await this.#consume(position);
        this.ready.resolve();
        if (this.#over) break;
        for await (const message of this.#messages) {
          if (this.#over) break;
          await this.#take(message);
          position.sequence = message.seq;
        }
      } catch (error) {
        if (!this.#over) this.#log.warn({ err: error }, 'listening to events was interrupted; trying again');
      }
      await delay(RETRY_MS, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
    await this.#messages?.close();
    this.ready.reject(new Error('stopped before it could listen'));
  }

  stop(): void {
    this.#stopped.abort();
    void this.#messages?.close();
  }

  get #over(): boolean {
    return this.#stopped.signal.aborted || this.connection.isClosed();
  }

  async #locate(): Promise<Position> {
    const { created, state } = await ensureEventStream(this.connection);
    const at = this.#position;
    if (!at) {
      this.#position = { created, sequence: this.options.from === 'new' ? state.last_seq : 0 };
      return this.#position;
    }
    const gap = gapBetween(at, { created, first: state.first_seq, last: state.last_seq });
    if (!gap) return at;
    await this.#gap(gap);
    this.#position = { created, sequence: Math.max(state.first_seq - 1, 0) };
    return this.#position;
  }

  /** One consumer for all definitions keeps their order; nats-server 2.9 gives it one filter, so it hears some more. */
  async #consume({ sequence }: Position): Promise<ConsumerMessages> {
    const consumer = await jetstream(this.connection).consumers.get(EVENT_STREAM, {
      filter_subjects: filterOf([...this.#bySubject.keys()]),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: sequence + 1,
      inactive_threshold: nanos(60_000),
    });
    return consumer.consume({
      max_messages: 256,
      expires: 5_000,
      idle_heartbeat: 1_000,
      abort_on_missing_resource: true,
    });
  }

  async #take(message: JsMsg): Promise<void> {
    const definition = this.#bySubject.get(message.subject);
    if (!definition) return;
    try {
      const revision = Number(message.headers?.get(REVISION_HEADER) || Number.NaN);
      if (!Number.isSafeInteger(revision)) throw new Error(`it has no ${REVISION_HEADER}`);
      const payload = definition.payload.parse(message.json());
      await this.onEvent({ definition, payload, revision } as Heard<E>);
    } catch (error) {
      const facts = { err: error, subject: message.subject, sequence: message.seq };
      this.#log.error(facts, 'an event could not be read or applied');
      await this.#gap(`event ${message.seq} could not be read or applied`);
    }
  }

  async #gap(reason: string): Promise<void> {
    this.#log.warn({ reason }, 'events may have been missed');
    try {
      await this.options.onGap?.(reason);
    } catch (error) {
      this.#log.error({ err: error, reason }, 'a gap in the events could not be handled');
    }
  }

  /**
   * What was on its way when the connection broke is lost, and the library would notice only with the next event,
   * which may be hours away. So after every reconnect we ask again from where we are.
   */
  async #startOverOnReconnect(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (this.#over) return;
      if (status.type === 'reconnect') void this.#messages?.close();
    }
    this.stop();
  }
}

function gapBetween(at: Position, stream: { created: string; first: number; last: number }): string | undefined {
  if (stream.created !== at.created) return 'the stream was created anew';
  if (stream.last < at.sequence) return 'the stream has lost its newest events';
  if (stream.first > at.sequence + 1) return 'events expired before they were heard';
  return undefined;
}

/** The narrowest one subject that covers all: their common beginning, and whatever comes after it. */
export function filterOf(subjects: readonly string[]): string {
  const [first = [], ...others] = subjects.map((subject) => subject.split('.'));
  if (others.length === 0) return first.join('.');
  // `>` stands for one token at least, so each subject must have one left.
  const longest = Math.min(first.length, ...others.map((other) => other.length)) - 1;
  const differs = first.findIndex((token, at) => at >= longest || others.some((other) => other[at] !== token));
  return [...first.slice(0, differs), '>'].join('.');
}
