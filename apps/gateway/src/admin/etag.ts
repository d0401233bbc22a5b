import { hash } from 'node:crypto';
import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { Refused } from '#contracts/refusals';
import { documented } from './documented.js';

/** A route that answers with one resource, which has a `revision`: gives it its ETag, and honours If-None-Match. */
export const Etag = () => UseInterceptors(EtagInterceptor);

/** The revision a change is meant for, from If-Match: goes to the service as `expected_revision`. */
export const IfMatch = documented(
  createParamDecorator((_: unknown, context: ExecutionContext): number | undefined =>
    expectedRevision(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
  ),
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The ETag as it was read. Refused with 412 where somebody else has changed it since.',
  }),
);

/** `"7"` and `"7-…"` both mean revision 7; weak ones as well, since a compressing proxy makes any tag weak. */
const TAG = /^(?:W\/)?"(\d{1,15})(?:-[\w-]*)?"$/;

export function expectedRevision(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const revision = TAG.exec(ifMatch.trim())?.[1];
  if (revision !== undefined) return Number(revision);
  throw new Refused('invalid_request', { message: 'If-Match must be one ETag, as it was given.', param: 'If-Match' });
}

/**
 * The revision, and a few letters of the whole: what a resource has spent changes without a new revision, and a 304 must
 * not hide that. Only the revision counts for If-Match.
 */
export function tagOf(resource: { revision: number }): string {
  return `"${resource.revision}-${hash('sha256', JSON.stringify(resource), 'base64url').slice(0, 8)}"`;
}

export function isFresh(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((given) => given.trim() === '*' || given.trim().replace(/^W\//, '') === tag);
}

@Injectable()
class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<{ revision: number }>): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((resource) => {
        const tag = tagOf(resource);
        void reply.header('etag', tag);
        if (request.method !== 'GET' || !isFresh(request.headers['if-none-match'], tag)) return resource;
        void reply.status(304);
        return undefined;
      }),
    );
  }
}
