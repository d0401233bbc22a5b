import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { KeysRpc } from '#contracts/keys';
import type { Asks } from '#contracts/rpc';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat, eventually } from '../stack.js';

let edge: EdgeStack;
let bus: NatsConnection;
let client: BusClient;
beforeAll(async () => {
  edge = await startEdge();
  bus = await connectBus({ url: edge.stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'guard' });
});
afterAll(async () => {
  await bus?.close();
  await edge?.stop();
});
beforeEach(() => edge.one.control.always({ usage: { input: 100, output: 50 } }));

const verify = (key: string, more: Partial<Asks<typeof KeysRpc.verifyKey>> = {}) =>
  client.call(KeysRpc.verifyKey, { key, ...more });
/** Costs 0.0002; what it may cost before is known to be less than 0.0003. */
const ask = (key: string) => chat(edge.url, key, { model: 'fake', max_tokens: 50 });

describe('verify and limits', () => {
  it('counts a question where the gateways count, and says what is left', async () => {
    const { key } = await edge.stack.admin.createKey({ rate_limit: 3 });
    expect((await ask(key)).status).toBe(200);
    expect(await verify(key)).toMatchObject({
      valid: true,
      ratelimit: { requests: { limit_value: 3, used: 2, remaining: 1 }, tokens: null, retry_after_ms: null },
      budget: null,
    });
    expect((await verify(key)).valid).toBe(true);
    const denied = await verify(key);
    expect(denied).toMatchObject({
      valid: false,
      code: 'rate_limit_exceeded',
      ratelimit: { requests: { remaining: 0 } },
    });
    expect(denied.ratelimit?.retry_after_ms).toBeGreaterThan(50_000);
    expect((await ask(key)).status).toBe(429);
  });

  it('a peek counts nothing, and says no when a question would be refused', async () => {
    const { key } = await edge.stack.admin.createKey({ rate_limit: 2, token_limit: 1000 });
    for (let i = 0; i < 5; i++)
      expect(await verify(key, { peek: true })).toMatchObject({ valid: true, ratelimit: { requests: { used: 0 } } });
    expect(await verify(key, { peek: true, cost: { tokens: 1001 } })).toMatchObject({
      code: 'request_exceeds_token_limit',
    });
    await verify(key, { cost: { tokens: 600 } });
    expect(await verify(key, { peek: true, cost: { tokens: 600 } })).toMatchObject({
      valid: false,
      code: 'token_rate_limit_exceeded',
      ratelimit: { tokens: { limit_value: 1000, used: 600, remaining: 400 } },
    });
    await verify(key);
    expect(await verify(key, { peek: true })).toMatchObject({ valid: false, code: 'rate_limit_exceeded' });
  });

  it('tokens are counted, and what could never fit is told apart', async () => {
    const { key } = await edge.stack.admin.createKey({ token_limit: 1000 });
    expect(await verify(key, { cost: { tokens: 1001 } })).toMatchObject({
      valid: false,
      code: 'request_exceeds_token_limit',
    });
    expect((await verify(key, { cost: { tokens: 900 } })).ratelimit?.tokens?.remaining).toBe(100);
    expect((await verify(key, { cost: { tokens: 200 } })).code).toBe('token_rate_limit_exceeded');
  });

  it('a budget that is used up is a no, with the numbers of it; nothing is spent by asking', async () => {
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.0003' });
    const untouched = { limit: 'budget', limit_value: '0.0003', used: '0.00', reserved: '0.00', remaining: '0.0003' };
    for (const peek of [true, false, true])
      expect(await verify(key, { peek })).toMatchObject({ valid: true, budget: untouched });
    edge.one.control.always({ usage: { input: 100, output: 100 } });
    await (await ask(key)).text();
    const denied = await eventually(
      () => verify(key),
      ({ valid }) => !valid,
    );
    expect(denied).toMatchObject({
      code: 'spend_limit_reached',
      key_id: id,
      budget: { used: '0.0003', remaining: '0.00', currency: 'USD', resets_at: null },
    });
    expect(await verify(key, { peek: true })).toMatchObject({ valid: false, code: 'spend_limit_reached' });
  });

  it('a window that is used up says when the next begins', async () => {
    edge.one.control.always({ usage: { input: 100, output: 100 } });
    const { key } = await edge.stack.admin.createKey({ recurring_limit: { amount: '0.0003', every: 1, unit: 'day' } });
    await (await ask(key)).text();
    const { code, budget } = await eventually(
      () => verify(key),
      ({ valid }) => !valid,
    );
    expect(code).toBe('period_spend_limit_reached');
    expect(Date.parse(budget?.resets_at ?? '')).toBeGreaterThan(Date.now() + 86_000_000);
  });
});
