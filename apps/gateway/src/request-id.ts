import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

const SANE_ID = /^[\w.:-]{1,128}$/;

/** What a request is called: the client's own name for it where it sent a sane one, ours otherwise. */
export function visibleIdOf(headers: IncomingHttpHeaders, minted: () => string): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && SANE_ID.test(given) ? given : minted();
}

/** For Fastify: the name every log line, refusal and audit entry of a request carries. */
export function requestIds(minted: () => string) {
  return ({ headers }: Pick<IncomingMessage, 'headers'>) => visibleIdOf(headers, minted);
}

/** Every answer says which request it answers, a refusal and a page that is not there as well. */
export function tellRequestIds(http: FastifyInstance): void {
  http.addHook('onRequest', async (request, reply) => {
    void reply.headers({ 'x-request-id': request.id, 'request-id': request.id });
  });
}
