import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { KeysRpc } from '#contracts/keys';
import type { Asks } from '#contracts/rpc';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import type { Running } from '#runtime/run';
import { start as startPolicy } from '../../apps/policy/src/main.js';
import { rulesAt } from '../rules.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { twoProviders } from '../two-providers.js';

let stack: Stack;
let providers: Awaited<ReturnType<typeof twoProviders>>;
let bus: NatsConnection;
let client: BusClient;
let again: Running | undefined;
beforeAll(async () => {
  providers = await twoProviders();
  stack = await startStack({ env: providers.env });
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'guard' });
});
afterAll(async () => {
  await bus?.close();
  await again?.stop();
  await stack?.stop();
  await providers?.stop();
});

const verify = (key: string, more: Partial<Asks<typeof KeysRpc.verifyKey>>) =>
  client.call(KeysRpc.verifyKey, { key, ...more });
const becomes = (key: string, code: string, more: Partial<Asks<typeof KeysRpc.verifyKey>>) =>
  eventually(
    () => verify(key, more),
    (verdict) => verdict.code === code,
    2000,
  );
/** What the edge says of the same call. */
async function edge(key: string, model: string): Promise<{ code: string; rule: string | null }> {
  const reply = await chat(stack.url, key, { model });
  if (reply.status === 200) return { code: 'valid', rule: null };
  const { error } = (await reply.json()) as { error: { code: string; details: { rule_id?: string } } };
  return { code: error.code, rule: error.details.rule_id ?? null };
}

describe('verify with a model', () => {
  it.each<[string, object, string, string]>([
    ['a model that is denied', { type: 'deny_models', models: ['dear'] }, 'dear', 'model_not_allowed'],
    ['an alias of a denied model', { type: 'deny_models', models: ['both'] }, 'alias-of-both', 'model_not_allowed'],
    ['a blocked provider', { type: 'deny_providers', providers: ['two'] }, 'dear', 'provider_not_allowed'],
    ['a price', { type: 'allow_pricing', pricing: { tier: 'free' } }, 'cheap', 'pricing_not_allowed'],
    [
      'a condition',
      { type: 'allow_models', models: ['*'], condition: 'has(request.max_tokens)' },
      'cheap',
      'condition_not_met',
    ],
    ['a model that is not there', { type: 'deny_models', models: ['dear'] }, 'gone', 'model_not_found'],
    ['nothing', { type: 'deny_models', models: ['dear'] }, 'cheap', 'valid'],
  ])('refuses %s in the words of the edge, with its rule', async (_, rule, model, code) => {
    const { id, key } = await stack.admin.createKey();
    expect(await verify(key, { model: 'cheap' })).toMatchObject({ valid: true, rule: null });
    await rulesAt(stack, `api-keys/${id}`).put([rule]);
    const verdict = await becomes(key, code, { model });
    expect(verdict).toMatchObject({ valid: code === 'valid', key_id: id });
    const done = await eventually(
      () => edge(key, model),
      (now) => now.code === code,
      2000,
    );
    expect(verdict.rule?.id ?? null).toBe(done.rule);
    expect(await verify(key, {})).toMatchObject({ valid: true, rule: null });
  });

  it('an address is for whoever asks to tell', async () => {
    const { id, key } = await stack.admin.createKey();
    await rulesAt(stack, `api-keys/${id}`).put([{ type: 'allow_ips', cidrs: ['192.0.2.0/24'] }]);
    const model = 'cheap';
    const denied = await becomes(key, 'permission_denied', { model });
    expect(denied.rule).toMatchObject({ level: 'key', about: 'ips' });
    expect(await verify(key, { model, ip: '192.0.2.7' })).toMatchObject({ valid: true });
    expect(await verify(key, { model, ip: '198.51.100.7' })).toMatchObject({ code: 'permission_denied' });
  });

  it('a call needs the scope read, and a price where money is limited', async () => {
    const { key } = await stack.admin.createKey({ scopes: ['webhook'] });
    expect(await verify(key, {})).toMatchObject({ valid: true });
    expect(await verify(key, { model: 'cheap' })).toMatchObject({
      valid: false,
      code: 'permission_denied',
      rule: null,
    });
    const limited = await stack.admin.createKey({ budget: '1' });
    expect(await verify(limited.key, { model: 'cheap' })).toMatchObject({ valid: true });
    const unpriced = { id: 'mystery', routes: [{ provider: 'one', price: null }] };
    expect((await stack.admin.call('POST', '/api/models', unpriced)).status).toBe(201);
    await becomes(limited.key, 'model_unpriced', { model: 'mystery' });
    expect((await edge(limited.key, 'mystery')).code).toBe('model_unpriced');
    expect(await verify(key, { model: 'mystery', scopes: [] })).toMatchObject({ code: 'permission_denied' });
  });

  it('what a rule refuses counts towards no limit', async () => {
    const { id, key } = await stack.admin.createKey({ rate_limit: 2 });
    await rulesAt(stack, `api-keys/${id}`).put([{ type: 'deny_models', models: ['dear'] }]);
    await becomes(key, 'model_not_allowed', { model: 'dear', peek: true });
    for (let i = 0; i < 3; i++)
      expect(await verify(key, { model: 'dear' })).toMatchObject({ code: 'model_not_allowed', ratelimit: null });
    expect(await verify(key, { model: 'cheap' })).toMatchObject({ ratelimit: { requests: { used: 1 } } });
    await verify(key, { model: 'cheap' });
    expect(await verify(key, { model: 'cheap' })).toMatchObject({ code: 'rate_limit_exceeded' });
    expect(await verify(key, { model: 'dear' })).toMatchObject({ code: 'model_not_allowed' });
  });

  it('goes on without the policy service for whom it has met; for others that is an outage, and no verdict', async () => {
    const [known, unknown] = [await stack.admin.createKey(), await stack.admin.createKey()];
    await rulesAt(stack, `api-keys/${known.id}`).put([{ type: 'deny_models', models: ['dear'] }]);
    await becomes(known.key, 'model_not_allowed', { model: 'dear' });
    await stack.apps.policy.stop();
    try {
      expect(await verify(known.key, { model: 'dear' })).toMatchObject({ code: 'model_not_allowed' });
      expect(await verify(known.key, { model: 'cheap' })).toMatchObject({ valid: true });
      await expect(verify(unknown.key, { model: 'cheap' })).rejects.toMatchObject({ code: 'service_unavailable' });
      expect(await verify(unknown.key, {})).toMatchObject({ valid: true });
    } finally {
      again = await startPolicy(stack.env);
    }
    await eventually(
      () => verify(unknown.key, { model: 'cheap' }).catch((error: Error) => ({ valid: false, error })),
      ({ valid }) => valid,
    );
  });
});
