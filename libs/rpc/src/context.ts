import { randomBytes } from 'node:crypto';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { Refused } from '#contracts/refusals';
import type { CallContext } from '#contracts/rpc';
import { newId } from '#domain/id';

export const HEADERS = {
  requestId: 'Keyward-Request-Id',
  traceparent: 'traceparent',
  idempotencyKey: 'Idempotency-Key',
  deadline: 'Keyward-Deadline',
  actor: 'Keyward-Actor',
  origin: 'Keyward-Origin',
} as const;

const REQUEST_ID = /^[\w.:-]{1,128}$/;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const DEADLINE = /^\d{1,15}$/;
const ACTOR = /^(?:member|key|service):[\w.-]{1,128}$/;

const LONGEST_ORIGIN = 300;
const NOBODY = 'service:unknown';

export function mintRequestId(): string {
  return newId('request', Date.now(), randomBytes(10));
}

/** Cannot fail: a refusal needs the id, too. Ids go to logs, so one that is no plain token is replaced. */
export function requestIdOf(headers: MsgHdrs | undefined): string {
  const given = headers?.get(HEADERS.requestId);
  return given && REQUEST_ID.test(given) ? given : mintRequestId();
}

/**
 * What came beside the body. A bad trace is dropped: it only helps to look. A bad idempotency key, deadline or actor is
 * refused: ignored, it would do work twice, or work that nobody waits for, or on behalf of somebody else.
 */
export function readContext(headers: MsgHdrs | undefined, requestId: string): CallContext {
  if (!headers) return { requestId, actor: NOBODY };
  const traceparent = headers.get(HEADERS.traceparent);
  const idempotencyKey = headers.get(HEADERS.idempotencyKey);
  const deadline = headers.get(HEADERS.deadline);
  const actor = headers.get(HEADERS.actor);
  if (idempotencyKey) mustFit(IDEMPOTENCY_KEY, idempotencyKey, HEADERS.idempotencyKey);
  if (deadline) mustFit(DEADLINE, deadline, HEADERS.deadline);
  if (actor) mustFit(ACTOR, actor, HEADERS.actor);
  return {
    requestId,
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : undefined,
    idempotencyKey: idempotencyKey || undefined,
    deadline: deadline ? Number(deadline) : undefined,
    actor: actor || NOBODY,
    origin: originIn(headers.get(HEADERS.origin)),
  };
}

export function writeContext(context: CallContext): MsgHdrs {
  const written = headers();
  written.set(HEADERS.requestId, REQUEST_ID.test(context.requestId) ? context.requestId : mintRequestId());
  mustFit(ACTOR, context.actor, HEADERS.actor);
  written.set(HEADERS.actor, context.actor);
  if (context.origin) written.set(HEADERS.origin, encodeURIComponent(context.origin.slice(0, LONGEST_ORIGIN)));
  if (context.deadline !== undefined) written.set(HEADERS.deadline, String(Math.trunc(context.deadline)));
  if (context.traceparent && TRACEPARENT.test(context.traceparent)) {
    written.set(HEADERS.traceparent, context.traceparent);
  }
  if (context.idempotencyKey !== undefined) {
    mustFit(IDEMPOTENCY_KEY, context.idempotencyKey, HEADERS.idempotencyKey);
    written.set(HEADERS.idempotencyKey, context.idempotencyKey);
  }
  return written;
}

/** Encoded, because a browser may call itself anything; it is only ever shown. */
function originIn(text: string): string | undefined {
  try {
    return text ? decodeURIComponent(text).slice(0, LONGEST_ORIGIN) : undefined;
  } catch {
    return undefined;
  }
}

function mustFit(pattern: RegExp, value: string, header: string): void {
  if (!pattern.test(value)) {
    throw new Refused('invalid_request', { message: `The header ${header} is not valid.`, param: header });
  }
}
