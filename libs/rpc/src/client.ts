import { errors, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { Refused } from '#contracts/refusals';
import type { Asks, CallContext, Gets, Rpc } from '#contracts/rpc';
import { mintRequestId, writeContext } from './context.js';
import { readReply } from './reply.js';

export interface CallOptions extends Partial<CallContext> {
  /** How long to wait for the answer; the service drops work that is older. */
  readonly timeoutMs?: number;
  /** How much longer an answer is taken from a service that had begun in time. */
  readonly lateMs?: number;
}

export interface BusClientOptions {
  /** Shared, and closed by its owner. */
  readonly connection: NatsConnection;
  /** Who calls: the actor of every call that names no other. */
  readonly service: string;
}

/** Calls the services of the bus, typed by their contracts. */
export class BusClient {
  readonly #connection: NatsConnection;
  readonly #actor: string;

  constructor({ connection, service }: BusClientOptions) {
    this.#connection = connection;
    this.#actor = `service:${service}`;
  }

  /** The service's answer; its refusal, or that it could not be reached, is thrown as `Refused`. */
  async call<R extends Rpc>(
    definition: R,
    request: Asks<R>,
    { lateMs = 0, ...options }: CallOptions = {},
  ): Promise<Gets<R>> {
    const now = Date.now();
    const deadline = Math.min(now + (options.timeoutMs ?? 2_000), options.deadline ?? Number.POSITIVE_INFINITY);
    const context = {
      ...options,
      requestId: options.requestId ?? mintRequestId(),
      actor: options.actor ?? this.#actor,
      deadline,
    };
    if (deadline <= now) throw unavailable(definition, new errors.TimeoutError());
    const asked = this.#send(definition, JSON.stringify(request), writeContext(context), deadline - now + lateMs);
    // A late answer is waited for in any case: somebody else sees to it that nobody waits as long.
    const reply = await (lateMs > 0 ? asked : this.#unlessGone(definition, asked));
    // Trusted as it is: the server has passed it through the same definition.
    return readReply(reply.string()) as Gets<R>;
  }

  /** Without a server there will be no answer, however long a service is given for it. */
  async #unlessGone(definition: Rpc, asked: Promise<Msg>): Promise<Msg> {
    const gone = Promise.withResolvers<never>();
    const look = () => this.#connection.rtt().catch((cause) => gone.reject(unavailable(definition, cause)));
    const timer = setTimeout(look, GONE_MS);
    return Promise.race([asked, gone.promise]).finally(() => clearTimeout(timer));
  }

  async #send(definition: Rpc, payload: string, headers: MsgHdrs, timeout: number): Promise<Msg> {
    try {
      return await this.#connection.request(definition.subject, payload, { headers, timeout });
    } catch (cause) {
      if (cause instanceof errors.InvalidArgumentError) throw new Refused('request_too_large', { cause });
      throw unavailable(definition, cause);
    }
  }
}

/** Within the second in which everybody gets an answer. */
const GONE_MS = 850;

/** An outage is this and no other code, so that no caller takes it for a decision about a key. */
function unavailable(definition: Rpc, cause: unknown): Refused {
  return new Refused('service_unavailable', { cause, details: { service: serviceOf(definition.subject) } });
}

/** `keyward.keys.create` and `keyward.v2.keys.create` are both of `keys`. */
function serviceOf(subject: string): string {
  const [, first = '', second = ''] = subject.split('.');
  return /^v\d+$/.test(first) ? second : first;
}
