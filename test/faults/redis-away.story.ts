import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KeysRpc } from '#contracts/keys';
import type { Refused } from '#contracts/refusals';
import { ReservationsRpc } from '#contracts/reservations';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import type { Services } from '../../scripts/services.mjs';
import { ownServers } from '../own-servers.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let servers: Services;
let stack: Stack;
let second: string;
beforeAll(async () => {
  servers = await ownServers();
  const { postgres, nats, redis } = servers;
  stack = await startStack({ servers: { postgres: postgres.url, nats: nats.url, redis: redis.url } });
  second = (await stack.startGateway()).url as string;
}, 60_000);
afterAll(async () => {
  servers?.redis.thaw();
  await stack?.stop();
  await servers?.stop();
});
afterEach(async () => {
  servers.redis.thaw();
  await eventually(stateOfLimits, (text) => text === '0', 15_000);
});

/** 1 while this gateway counts alone. */
async function stateOfLimits(): Promise<string> {
  const metrics = await (await fetch(`${stack.url}/metrics`)).text();
  return /^keyward_limits_degraded\{[^}]*\} (\d)/m.exec(metrics)?.[1] ?? '';
}

async function timed(url: string, key: string): Promise<{ status: number; code: string | null; milliseconds: number }> {
  const at = performance.now();
  const reply = await chat(url, key, { max_tokens: 5 });
  await reply.text();
  return {
    status: reply.status,
    code: reply.headers.get('x-keyward-error-code'),
    milliseconds: performance.now() - at,
  };
}

describe('P14: while Redis is frozen', () => {
  it('a call over the bus is let in by a gateway itself, and settled by whoever is asked', async () => {
    const bus = await connectBus({ url: servers.nats.url, name: 'test' });
    const client = new BusClient({ connection: bus, service: 'summaries' });
    const { key } = await stack.admin.createKey({ budget: '1' });
    const ask = () =>
      client.call(ReservationsRpc.reserve, { key, model: 'echo', input_tokens: 10, max_output_tokens: 10 });
    await ask();
    servers.redis.freeze();
    const at = performance.now();
    // The first to notice that it is frozen may need the whole second for that.
    await ask().catch((error: Refused) => expect(error.code).toBe('service_unavailable'));
    expect(performance.now() - at).toBeLessThan(1300);
    const reserved = await eventually(
      () => ask().catch(() => null),
      (reply) => reply?.reserved === true,
    );
    if (!reserved?.reserved) throw new Error('denied');
    const { reservation_id } = reserved;
    const usage = { input_tokens: 10, output_tokens: 5 };
    const settled = await client.call(ReservationsRpc.settleReservation, { reservation_id, usage });
    expect(settled).toMatchObject({ state: 'settled' });
    await bus.close();
  });

  it('verify answers no verdict about a key whose limits nobody can tell, and goes on about one without', async () => {
    const bus = await connectBus({ url: servers.nats.url, name: 'test' });
    const client = new BusClient({ connection: bus, service: 'guard' });
    const verify = (key: string) =>
      client.call(KeysRpc.verifyKey, { key }).then(
        ({ code }) => code,
        (error: Refused) => error.code,
      );
    const limited = await stack.admin.createKey({ rate_limit: 1000 });
    const free = await stack.admin.createKey();
    for (const { key } of [limited, free]) expect(await verify(key)).toBe('valid');
    servers.redis.freeze();
    expect(await verify(limited.key)).toBe('service_unavailable');
    expect(await verify(free.key)).toBe('valid');
    servers.redis.thaw();
    await eventually(
      () => verify(limited.key),
      (code) => code === 'valid',
    );
    await bus.close();
  });

  it('a key is let in as far as its limits go, over all gateways together, and each answer is a typed one', async () => {
    const { key } = await stack.admin.createKey({ rate_limit: 7 });
    servers.redis.freeze();
    // Both have found out, each with one request; what they asked Redis for is undone when it is back.
    const answers = [];
    for (let i = 0; i < 10; i++) answers.push(await timed(stack.url, key), await timed(second, key));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
    for (const { status, code } of answers)
      if (status !== 200) expect([status, code]).toEqual([429, 'rate_limit_exceeded']);
    // Two thirds of a second are spent at most; the rest is this machine being busy.
    const waits = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    expect(waits[10]).toBeLessThan(1000);
    expect(await stateOfLimits()).toBe('1');
    const ready = (await (await fetch(`${stack.url}/readyz`)).json()) as { status: string; checks: object };
    expect(ready).toMatchObject({ status: 'degraded', checks: { redis: { ok: false, essential: false } } });
  });

  it('a key with a budget spends what the bank sets aside for each gateway, and never more', async () => {
    const { id, key } = await stack.admin.createKey({ budget: '1.00' });
    expect((await timed(stack.url, key)).status).toBe(200);
    servers.redis.freeze();
    const answers = [await timed(stack.url, key), await timed(second, key), await timed(stack.url, key)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    servers.redis.thaw();
    await eventually(stateOfLimits, (text) => text === '0', 15_000);
    expect((await timed(stack.url, key)).status).toBe(200);
    const used = async () =>
      (await stack.admin.call('GET', `/api/api-keys/${id}`)).json() as Promise<{ requests: number }>;
    await eventually(used, ({ requests }) => requests === 5, 20_000);
  });
});
