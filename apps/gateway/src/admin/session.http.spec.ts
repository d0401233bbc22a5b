import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SessionsRpc } from '#contracts/sessions';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { createLog } from '#runtime/log';
import { testBus } from '../../../../test/bus.js';
import { SessionHttp } from './session.http.js';
import { SessionCookie } from './session-cookie.js';

let bus: NatsConnection;
beforeAll(async () => {
  bus = await connectBus({ url: testBus().url, name: 'gateway', log: createLog('gateway', 'fatal') });
});
afterAll(() => bus.close());

it('a sign-in waits for a password that takes longer than anything else does', async () => {
  const member = { id: 'mem_1' };
  const data = { session_id: 'ses_1', member, expires_at: '2030-01-01T00:00:00.000Z' };
  const client = new BusClient({ connection: bus, service: 'gateway' });
  // A call that nobody answers is over when anything else would be; the sign-in, which was asked before it, is answered only then.
  const silent = bus.subscribe(SessionsRpc.getSession.subject, { callback: () => {} });
  const answer = JSON.stringify({ data });
  const keys = bus.subscribe(SessionsRpc.signIn.subject, {
    callback: (_, msg) =>
      void client.call(SessionsRpc.getSession, { session_id: 'ses_1' }).catch(() => msg.respond(answer)),
  });
  const http = new SessionHttp(client, new SessionCookie(Buffer.alloc(32), false));
  const request = { ip: '127.0.0.1', headers: {}, id: 'req' } as unknown as FastifyRequest;
  const reply = { header: () => {} } as unknown as FastifyReply;
  const body = { email: 'ada@example.com', password: 'a long password' };
  await expect(http.signIn(body, request, reply)).resolves.toMatchObject({ member });
  for (const subscription of [silent, keys]) subscription.unsubscribe();
});
