import { AckPolicy, type Consumer, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { type SecretUse, USAGE_STREAM, USES_SUBJECT, usageBatch, usesBatch } from '#contracts/usage';
import { ensureUsageStream } from '#rpc/usage-stream';
import type { Log } from '#runtime/log';
import type { Told } from './store/ledger.js';
import { waitingMessages } from './waiting-messages.js';

/** All replicas share this consumer: a batch goes to one of them, and to another if that one dies with it. */
const CONSUMER = 'ledger';
/** Of silence: after that, whoever took a batch is taken for dead. */
const PATIENCE_MILLISECONDS = 10_000;

/** Some batches of usage, taken off the stream and not yet acknowledged. */
export interface Taken {
  readonly told: readonly Told[];
  readonly uses: readonly SecretUse[];
  /** Nothing more was waiting. */
  readonly isAll: boolean;
  /** When the last of them was told. */
  readonly lastAt: number;
  done(): void;
  /** Not written: to be told again after so long, here or elsewhere. */
  giveBack(milliseconds: number): void;
}

/** The stream of usage, from its reader's end. */
export class UsageQueue {
  private consumer?: Consumer;

  constructor(
    private readonly bus: NatsConnection,
    private readonly log: Log,
  ) {}

  async take(): Promise<Taken> {
    try {
      this.consumer ??= await this.join();
      return this.taken(await waitingMessages(this.consumer));
    } catch (error) {
      // The stream may have come back empty after a loss of data: look for it again.
      this.consumer = undefined;
      throw error;
    }
  }

  private async join(): Promise<Consumer> {
    await ensureUsageStream(this.bus);
    const manager = await jetstreamManager(this.bus, { timeout: 2000 });
    await manager.consumers.add(USAGE_STREAM, {
      durable_name: CONSUMER,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(PATIENCE_MILLISECONDS),
      max_ack_pending: 1000,
    });
    return jetstream(this.bus, { timeout: 2000 }).consumers.get(USAGE_STREAM, CONSUMER);
  }

  private taken(messages: readonly JsMsg[]): Taken {
    const told: Told[] = [];
    const uses: SecretUse[] = [];
    const readable = messages.filter((message) => this.read(message, told, uses));
    const last = messages.at(-1);
    // Slow is not dead: told to somebody else as well, they would all be slower still.
    const alive = setInterval(() => {
      for (const message of readable) message.working();
    }, PATIENCE_MILLISECONDS / 4).unref();
    return {
      told,
      uses,
      isAll: (last?.info.pending ?? 0) === 0,
      lastAt: (last?.info.timestampNanos ?? 0) / 1e6,
      done: () => {
        clearInterval(alive);
        for (const message of readable) message.ack();
      },
      giveBack: (milliseconds) => {
        clearInterval(alive);
        for (const message of readable) message.nak(milliseconds);
      },
    };
  }

  /** What cannot be read will never be readable: it is put aside with a loud line instead of blocking the rest. */
  private read(message: JsMsg, told: Told[], uses: SecretUse[]): boolean {
    try {
      if (message.subject === USES_SUBJECT) uses.push(...usesBatch.parse(message.json()).uses);
      else told.push({ id: message.headers?.get('Nats-Msg-Id') || null, ...usageBatch.parse(message.json()) });
      return true;
    } catch (error) {
      const { seq: sequence, data } = message;
      this.log.error({ err: error, sequence, bytes: data.length }, 'a usage batch is malformed');
      message.term('malformed');
      return false;
    }
  }
}
