import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Services } from '../../scripts/services.mjs';
import { ownServers } from '../own-servers.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let servers: Services;
let stack: Stack;
beforeAll(async () => {
  servers = await ownServers();
  stack = await startStack({
    servers: { postgres: servers.postgres.url, nats: servers.nats.url, redis: servers.redis.url },
  });
});
afterAll(async () => {
  await stack?.stop();
  await servers?.stop();
});

/** The whole walk, from the making of a key to the ledger and to its deletion. */
async function walk(): Promise<string> {
  try {
    const { id, key } = await stack.admin.createKey();
    if ((await chat(stack.url, key)).status !== 200) return 'no answer';
    const requests = async () =>
      ((await (await stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as { requests?: number }).requests;
    await eventually(requests, (count) => count === 1, 3000);
    await stack.admin.call('DELETE', `/api/api-keys/${id}`);
    await eventually(
      () => chat(stack.url, key),
      ({ status }) => status === 401,
      2000,
    );
    return 'walked';
  } catch (error) {
    return (error as Error).message;
  }
}

const recovered = () => eventually(walk, (result) => result === 'walked', 15_000);

describe.each(['postgres', 'nats', 'redis'] as const)(
  '%s is killed under the running system and comes back',
  (name) => {
    it('everything works again, with no app restarted', async () => {
      const before = await stack.admin.createKey();
      expect((await chat(stack.url, before.key)).status).toBe(200);
      const server = servers[name];

      await server.kill('SIGKILL');
      // A key the gateway knows is still served: nothing on its way needs the one that is down, and nobody may call an
      // outage of ours a wrong key.
      expect((await chat(stack.url, before.key)).status).toBe(200);
      const started = Date.now();
      const admin = await stack.admin.call('POST', '/api/api-keys', { name: 'while it is down' });
      expect([201, 503]).toContain(admin.status);
      if (name !== 'redis') expect(admin.status).toBe(503);
      expect(Date.now() - started).toBeLessThan(3000);

      await server.restart();
      await recovered();
      expect((await chat(stack.url, before.key)).status).toBe(200);

      // What was used while it was away has reached the ledger.
      const requests = async () =>
        ((await (await stack.admin.call('GET', `/api/api-keys/${before.id}`)).json()) as { requests: number }).requests;
      expect(await eventually(requests, (count) => count >= 3)).toBe(3);
    }, 60_000);
  },
);

describe.each(['postgres', 'nats', 'redis'] as const)('%s freezes', (name) => {
  it('P14: is answered for within a moment, and nothing has to be restarted afterwards', async () => {
    const unknownHere = await stack.admin.createKey();
    const server = servers[name];
    server.freeze();
    try {
      const started = Date.now();
      const reply = await chat(stack.url, unknownHere.key);
      // Redis is only a cache on this way; the others are asked for a key that was not met yet: 503, never 401.
      expect(reply.status).toBe(name === 'redis' ? 200 : 503);
      expect(Date.now() - started).toBeLessThan(1500);
    } finally {
      server.thaw();
    }
    await recovered();
    expect((await chat(stack.url, unknownHere.key)).status).toBe(200);
  }, 60_000);
});
