import { setTimeout as delay } from 'node:timers/promises';
import {
  type Endpoint,
  type NamedEndpointStats,
  type Service,
  ServiceErrorCodeHeader,
  ServiceErrorHeader,
  Svcm,
} from '@nats-io/services';
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { accept } from '#contracts/accept';
import { Refused } from '#contracts/refusals';
import type { CallContext, Rpc } from '#contracts/rpc';
import { readContext, requestIdOf } from './context.js';
import { type Log, nestLog } from './log.js';
import { headline, type WireError, wireError, writeData, writeError } from './reply.js';
import { readRequest } from './request.js';
import { replySchema, requestSchema } from './schema.js';

export interface BusServerOptions {
  /** Shared, and closed by its owner: the server only takes its subscriptions away again. */
  readonly connection: NatsConnection;
  readonly service: 'keys' | 'usage' | 'policy' | 'gateway';
  readonly version: string;
  readonly contract: Readonly<Record<string, Rpc>>;
  readonly log?: Log;
  /** Whether an error means that something we depend on is away: answered as an outage, not as a fault of ours. */
  readonly isOutage?: (error: unknown) => boolean;
  /** How long `close` waits for work in flight. */
  readonly drainMs?: number;
}

export type Complete = (definition: Rpc, body: unknown, context: CallContext) => Promise<unknown>;

/** One call of the contract, with the counts that `$SRV.STATS` has not been told yet. */
interface Served {
  readonly name: string;
  readonly rpc: Rpc;
  readonly handler: MessageHandler;
  errors: number;
  lastError?: string;
  nanos: number;
}

/** The services package brings a nats-core of its own; the two differ in the type of one enum, not in what they do. */
type ServicesConnection = ConstructorParameters<typeof Svcm>[0];

/** Serves a contract as a NATS micro-service (ADR-32). Whatever comes in gets an answer. */
export class BusServer extends Server implements CustomTransportStrategy {
  /** Fills in what a caller may leave out because it can be known from who calls or from the rest of the request. */
  complete?: Complete;
  readonly #options: BusServerOptions;
  readonly #log: Log;
  readonly #served = new Map<string, Served>();
  #service?: Service;
  #left?: Error;
  #inFlight = 0;
  #idle?: () => void;

  constructor(options: BusServerOptions) {
    super();
    this.#options = options;
    this.#log = options.log ?? nestLog(`bus:${options.service}`);
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.#start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    const service = this.#service;
    if (!service) return;
    this.#service = undefined;
    const drained = service.stop().then(() => this.#whenIdle());
    await Promise.race([drained, delay(this.#options.drainMs ?? 10_000, undefined, { ref: false })]);
    if (this.#inFlight > 0) this.#log.warn({ calls: this.#inFlight }, 'closed with calls still being answered');
  }

  /** Throws where nobody can reach us any more: a subscription that is not permitted ends the whole service. */
  assertServing(): void {
    if (this.#left) throw this.#left;
  }

  override unwrap<T>(): T {
    return this.#options.connection as T;
  }

  override on(): never {
    throw new Error('the connection belongs to its owner: listen to its status there');
  }

  async #start(): Promise<void> {
    const { connection, service, version, contract } = this.#options;
    const calls = Object.entries(contract).map(([name, rpc]) => this.#serve(name, rpc));
    const name = `keyward-${service}`;
    this.#service = await new Svcm(connection as unknown as ServicesConnection).add({
      name,
      version,
      queue: name,
      description: `Keyward: ${service}`,
      statsHandler: (endpoint) => this.#report(endpoint),
    });
    for (const served of calls) {
      const { summary, request, reply, subject } = served.rpc;
      this.#served.set(subject, served);
      this.#service.addEndpoint(served.name, {
        subject,
        metadata: {
          summary,
          request_schema: JSON.stringify(requestSchema(request)),
          reply_schema: JSON.stringify(replySchema(reply)),
        },
        handler: (_error, msg) => void this.#answer(served, msg as unknown as Msg),
      });
    }
    void this.#service.stopped.then((error) => {
      if (!error) return;
      this.#left = error;
      this.#log.error({ err: error, service: name }, 'the service has left the bus');
    });
    // After the round trip the server knows our subscriptions: who hears that we listen can call at once.
    // Broken off, it does not matter: with a new connection they are sent again.
    await connection.flush().catch(() => undefined);
  }

  #serve(name: string, rpc: Rpc): Served {
    const handler = this.getHandlerByPattern(rpc.subject);
    if (!handler) throw new Error(`nobody serves ${rpc.subject}: no controller has @Serve with the call ${name}`);
    return { name, rpc, handler, errors: 0, nanos: 0 };
  }

  async #answer(served: Served, msg: Msg): Promise<void> {
    const started = performance.now();
    const requestId = requestIdOf(msg.headers);
    let nestId: string | undefined;
    this.#inFlight++;
    try {
      const request = readRequest(msg.data);
      nestId = request.nestId;
      const context = readContext(msg.headers, requestId);
      if (context.deadline !== undefined && context.deadline <= Date.now()) {
        throw new Refused('service_unavailable', { message: 'The deadline of this request has passed.' });
      }
      const body = this.complete ? await this.complete(served.rpc, request.body, context) : request.body;
      const result: unknown = await served.handler(accept(served.rpc.request, body), context);
      const answer: unknown = isObservable(result) ? await lastValueFrom(result) : result;
      msg.respond(writeData(this.#named(served.rpc, answer), nestId));
    } catch (error) {
      const outage = this.#options.isOutage?.(error) ?? false;
      const thrown = outage ? new Refused('service_unavailable', { cause: error }) : error;
      this.#refuse(served, msg, thrown, requestId, nestId);
    } finally {
      served.nanos += Math.round((performance.now() - started) * 1e6);
      if (--this.#inFlight === 0) this.#idle?.();
    }
  }

  /** Only what the contract names leaves the service: a hash a handler forgot to take out never does. */
  #named(rpc: Rpc, answer: unknown): unknown {
    const parsed = rpc.reply.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new Error(`the answer of ${rpc.subject} does not fit its contract`, { cause: parsed.error });
  }

  #refuse(served: Served, msg: Msg, thrown: unknown, requestId: string, nestId?: string): void {
    const error = wireError(thrown, requestId);
    served.errors++;
    served.lastError = `${error.code}: ${headline(error)}`;
    const facts = { subject: served.rpc.subject, request_id: requestId, code: error.code };
    if (!(thrown instanceof Refused)) this.#log.error({ ...facts, err: thrown }, 'a call failed unexpectedly');
    else if (thrown.status >= 500) this.#log.warn({ ...facts, err: thrown }, 'a call could not be served');
    try {
      send(msg, error, nestId);
    } catch (unsent) {
      // Details that no JSON can hold, or too many of them. An answer it gets, all the same.
      this.#log.error({ ...facts, err: unsent }, 'a refusal could not be sent');
      if (!this.#options.connection.isClosed()) send(msg, wireError(unsent, requestId), nestId);
    }
  }

  /** The library counts neither asynchronous work nor refusals; it asks us before it tells its statistics. */
  async #report(endpoint: Endpoint): Promise<unknown> {
    const served = this.#served.get(endpoint.subject);
    const stats = (endpoint as Endpoint & { stats?: NamedEndpointStats }).stats;
    if (!served || !stats) return undefined;
    stats.num_errors += served.errors;
    stats.last_error = served.lastError ?? stats.last_error;
    stats.processing_time += served.nanos;
    if (stats.num_requests > 0) {
      stats.average_processing_time = Math.round(stats.processing_time / stats.num_requests);
    }
    served.errors = 0;
    served.nanos = 0;
    return undefined;
  }

  #whenIdle(): Promise<void> | undefined {
    if (this.#inFlight === 0) return undefined;
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }
}

function send(msg: Msg, error: WireError, nestId?: string): void {
  const beside = headers();
  beside.set(ServiceErrorHeader, headline(error));
  beside.set(ServiceErrorCodeHeader, String(error.status));
  msg.respond(writeError(error, nestId), { headers: beside });
}
