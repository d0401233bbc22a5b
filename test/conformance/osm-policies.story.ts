import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rulesAt } from '../rules.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { TWO_PROVIDERS, twoProviders } from '../two-providers.js';
import { type AProject, aProject } from './a-project.js';

let stack: Stack;
let project: AProject;
let providers: Awaited<ReturnType<typeof twoProviders>>;
beforeAll(async () => {
  providers = await twoProviders();
  stack = await startStack({ env: providers.env });
  project = await aProject(stack, 'osm');
});
afterAll(async () => {
  await stack?.stop();
  await providers?.stop();
});

type Body = { error?: boolean; status?: number; message?: string; code?: string };

/** What a request is answered, once a change has arrived. */
const answer = (key: string, model: string, code: string | undefined): Promise<Body> =>
  eventually(
    async () => (await (await chat(stack.url, key, { model })).json()) as Body,
    (body) => body.code === code,
    2000,
  );
const allowed = (key: string, model: string) =>
  eventually(
    async () => (await chat(stack.url, key, { model })).status,
    (status) => status === 200,
    2000,
  );

describe('osmAPI policies', () => {
  it.each<[string, object, string, string]>([
    ['a model allow list', { type: 'allow_models', models: ['cheap*'] }, 'dear', 'model_not_allowed'],
    ['a model block list', { type: 'deny_models', models: ['dear'] }, 'dear', 'model_not_allowed'],
    ['approved providers', { type: 'allow_providers', providers: ['one'] }, 'dear', 'provider_not_allowed'],
    ['blocked providers', { type: 'deny_providers', providers: ['two'] }, 'dear', 'provider_not_allowed'],
    ['cost limits', { type: 'allow_pricing', pricing: { max_input_price: '5' } }, 'dear', 'pricing_not_allowed'],
    ['free models only', { type: 'allow_pricing', pricing: { tier: 'free' } }, 'cheap', 'pricing_not_allowed'],
  ])('O6 %s', async (_, rule, refused, code) => {
    const { id, key } = await project.createKey();
    for (const model of TWO_PROVIDERS) await allowed(key, model);
    expect((await rulesAt(stack, `api-keys/${id}`).put([rule])).status).toBe(200);
    expect(await answer(key, refused, code)).toMatchObject({ error: true, status: 403 });
    await allowed(key, code === 'pricing_not_allowed' && refused === 'cheap' ? 'free' : 'cheap');
  });

  it.each<[string, object, string[]]>([
    ['free_models_only', {}, ['free']],
    ['standard_tier', {}, ['cheap', 'free']],
    ['paid_models_only', {}, ['cheap', 'dear', 'both']],
    ['approved_providers_only', { providers: ['one'] }, ['cheap', 'both', 'free']],
  ])('O6 the preset %s', async (preset, filled, models) => {
    const { id, key } = await project.createKey();
    const { data } = (await (await stack.admin.call('GET', '/api/policy/presets')).json()) as {
      data: { id: string; fill: string | null; rules: object[] }[];
    };
    const { fill, rules = [] } = data.find((each) => each.id === preset) ?? {};
    expect(Object.keys(filled)).toEqual(fill ? [fill] : []);
    const put = await rulesAt(stack, `api-keys/${id}`).put(rules.map((rule) => ({ ...rule, ...filled })));
    expect(put.status).toBe(200);
    const usable = async () => {
      const answers = await Promise.all(TWO_PROVIDERS.map((model) => chat(stack.url, key, { model })));
      return TWO_PROVIDERS.filter((_, at) => answers[at]?.status === 200);
    };
    await eventually(usable, (now) => now.join() === models.join(), 2000);
  });

  it('O7 a refusal is 403 with exactly this sentence', async () => {
    const { id, key } = await project.createKey();
    await rulesAt(stack, `api-keys/${id}`).put([{ type: 'deny_models', models: ['gpt-4'] }]);
    expect(await answer(key, 'gpt-4', 'model_not_allowed')).toMatchObject({
      error: true,
      status: 403,
      message: 'Policy Violation: The requested model (gpt-4) is not authorized for this API key.',
    });
  });

  it('O8 a model that is not allowed and a provider that is blocked are told apart', async () => {
    const { id, key } = await project.createKey();
    const rules = rulesAt(stack, `api-keys/${id}`);
    await rules.put([{ type: 'deny_models', models: ['dear'] }]);
    const model = await answer(key, 'dear', 'model_not_allowed');
    await rules.put([{ type: 'deny_providers', providers: ['two'] }]);
    const provider = await answer(key, 'dear', 'provider_not_allowed');
    expect([model.status, provider.status]).toEqual([403, 403]);
    expect(model.message).not.toBe(provider.message);
    expect(provider.message).toContain('provider');
  });
});
