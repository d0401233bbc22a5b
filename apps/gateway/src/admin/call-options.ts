import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Refused } from '#contracts/refusals';
import type { CallOptions } from '#rpc/client';
import { scrub } from '#runtime/log';
import type { Caller } from './caller.js';
import { documented } from './documented.js';

export const IDEMPOTENCY_HEADER = 'Idempotency-Key';
/** A password is made to be work: with many at once, or little machine, it takes more than a moment. */
export const PASSWORD_MILLISECONDS = 5000;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

type Asker = Pick<Caller, 'actor'>;

/**
 * What goes to the services beside a request's body: who asks, from where, under which name, and whether it may be the
 * second time. As a parameter of a route: `@Asking() options: CallOptions`.
 */
function optionsOf(request: FastifyRequest, { actor }: Asker): CallOptions {
  return { actor, origin: originOf(request), requestId: request.id, ...idempotencyOf(request) };
}

export const Asking = documented(
  createParamDecorator((_: unknown, context: ExecutionContext): CallOptions => {
    const request = context.switchToHttp().getRequest<FastifyRequest & { caller?: Asker }>();
    if (!request.caller) throw new Refused('unauthenticated');
    return optionsOf(request, request.caller);
  }),
  // Only the document knows which of these routes are a POST: `docs.ts` leaves it there and takes it off the others.
  ApiHeader({
    name: IDEMPOTENCY_HEADER,
    required: false,
    description: 'The same key with the same request is done once, and answered the same, but for a secret. 24 hours.',
  }),
);

/** Whose data this is about: goes into every request that reads or changes something of a tenant. */
export function tenantOf({ organizationId }: Caller): { organization_id: string } {
  return { organization_id: organizationId };
}

/** For the audit log: the address, then what the client calls itself, which may be anything, a key as well. */
export function originOf({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): string {
  return scrub(`${ip} ${headers['user-agent'] ?? ''}`.trim());
}

/** Only POST is not safe to repeat by itself. */
function idempotencyOf({ method, headers }: FastifyRequest): Pick<CallOptions, 'idempotencyKey'> {
  const given = headers['idempotency-key'];
  if (method !== 'POST' || given === undefined) return {};
  if (typeof given === 'string' && IDEMPOTENCY_KEY.test(given)) return { idempotencyKey: given };
  throw new Refused('invalid_request', {
    message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
    param: 'Idempotency-Key',
  });
}
