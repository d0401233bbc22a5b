import type { z } from 'zod';

/** One request on the bus: its subject, and the schemas both ends are typed by. */
export interface Rpc<Request extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  readonly subject: string;
  readonly summary: string;
  readonly request: Request;
  readonly reply: Reply;
}

export function rpc<Request extends z.ZodType, Reply extends z.ZodType>(
  definition: Rpc<Request, Reply>,
): Rpc<Request, Reply> {
  return definition;
}

/** What a caller hands in, and what it gets back. */
export type Asks<R extends Rpc> = z.input<R['request']>;
export type Gets<R extends Rpc> = z.output<R['reply']>;

/** What a handler receives (parsed), and what it must answer. */
export type Asked<R extends Rpc> = z.output<R['request']>;
export type Answers<R extends Rpc> = z.input<R['reply']>;

/** What travels beside the body: in NATS headers, never in the subject. */
export interface CallContext {
  readonly requestId: string;
  readonly traceparent?: string;
  readonly idempotencyKey?: string;
  /** Milliseconds since the epoch; work past it is dropped, not done. */
  readonly deadline?: number;
  /** On whose behalf: `member:mem_…`, `key:key_…` or `service:<name>`. */
  readonly actor: string;
  /** From where, for the audit log: `203.0.113.7 Mozilla/5.0 …`. */
  readonly origin?: string;
}

/** The shape a service's handler class must have: one method for each call of its contract. */
export type Serves<Contract extends Record<string, Rpc>> = {
  [Name in keyof Contract]: (request: Asked<Contract[Name]>, context: CallContext) => Promise<Answers<Contract[Name]>>;
};
