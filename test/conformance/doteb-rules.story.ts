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
  project = await aProject(stack, 'doteb', 'enterprise');
});
afterAll(async () => {
  await stack?.stop();
  await providers?.stop();
});

const usable = async (key: string) => {
  const answered = await Promise.all(TWO_PROVIDERS.map((model) => chat(stack.url, key, { model })));
  return TWO_PROVIDERS.filter((_, at) => answered[at]?.status === 200).join(' ');
};
const becomes = (key: string, models: string) =>
  eventually(
    () => usable(key),
    (now) => now === models,
    3000,
  );

describe('doteb IAM rules', () => {
  it.each<[string, object, string]>([
    ['allow models', { type: 'allow_models', models: ['cheap', 'b*'] }, 'cheap both'],
    ['deny models', { type: 'deny_models', models: ['dear', 'free'] }, 'cheap both'],
    ['allow providers', { type: 'allow_providers', providers: ['two'] }, 'dear both'],
    ['deny providers', { type: 'deny_providers', providers: ['two'] }, 'cheap both free'],
    ['allow pricing', { type: 'allow_pricing', pricing: { tier: 'free' } }, 'free'],
    ['deny pricing', { type: 'deny_pricing', pricing: { tier: 'any', max_input_price: '1' } }, 'cheap free'],
  ])('B13 %s', async (_, rule, models) => {
    const { id, key } = await project.createKey();
    expect((await rulesAt(stack, `api-keys/${id}`).add(rule)).status).toBe(201);
    await becomes(key, models);
  });

  it('B11 B12 the list says how many rules a key has; without any it may use everything', async () => {
    const { id, key, iam_rules } = await project.createKey();
    expect(iam_rules).toBe(0);
    await becomes(key, TWO_PROVIDERS.join(' '));
    await rulesAt(stack, `api-keys/${id}`).put([
      { type: 'deny_models', models: ['dear'] },
      { type: 'deny_models', models: ['x'], status: 'inactive' },
      { type: 'deny_models', models: ['y'], status: 'observe' },
    ]);
    expect(await project.key(id)).toMatchObject({ iam_rules: 2 });
    expect((await project.list()).find((row) => row.id === id)).toMatchObject({ iam_rules: 2 });
  });
});
