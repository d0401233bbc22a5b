import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';

type Done = (error: Error | null, body?: unknown) => void;

/**
 * The admin API takes JSON, and a merge patch is JSON, too. Nothing else: above all no form, which any page can make any
 * browser send. A client that announces JSON and sends no body means an empty one.
 */
export function takeJsonOnly(nest: NestFastifyApplication, bodyLimit: number): void {
  const http = nest.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  http.removeContentTypeParser('text/plain');
  const parse = http.getDefaultJsonParser('error', 'error');
  const read = (request: FastifyRequest, body: Buffer, done: Done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, body.toString('utf8'), done);
  };
  for (const type of ['application/json', 'application/merge-patch+json'])
    nest.useBodyParser(type, { bodyLimit }, read as never);
}
