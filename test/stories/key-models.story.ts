import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import type { keyModels } from '#contracts/key-models';
import { rulesAt } from '../rules.js';
import { eventually } from '../stack.js';
import { houseOfTwoProviders } from '../two-providers.js';

const house = houseOfTwoProviders();

const CATALOGUE = ['alias-of-both', 'both', 'cheap', 'dear', 'echo', 'free', 'gpt-4', 'pinned', 'unpriced'];

const told = async (id: string) => {
  const reply = await house.stack.admin.call('GET', `/api/api-keys/${id}/models`);
  if (reply.status !== 200) throw new Error(await reply.text());
  return (await reply.json()) as z.output<typeof keyModels>;
};
const allowedOf = ({ models }: Awaited<ReturnType<typeof told>>) =>
  models.filter(({ allowed }) => allowed).map(({ model }) => model);
const listed = async (key: string) => {
  const reply = await fetch(`${house.stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  return ((await reply.json()) as { data: { id: string }[] }).data.map(({ id }) => id).sort();
};

describe('the models that a key may use', () => {
  it('are all of the catalogue where no rule binds it', async () => {
    const { id } = await house.stack.admin.createKey();
    const answer = await told(id);
    expect(answer.models.map(({ model }) => model)).toEqual(CATALOGUE);
    expect(answer).toMatchObject({ total: 9, allowed: 9, not_judged: 0 });
  });

  it('are those that the edge lists for it, each other with the rule that refuses it', async () => {
    const { id, key } = await house.stack.admin.createKey();
    await rulesAt(house.stack, 'organization').put([{ type: 'deny_models', models: ['cheap'] }]);
    await rulesAt(house.stack, `api-keys/${id}`).put([
      { type: 'deny_pricing', pricing: { max_output_price: '30' } },
      { type: 'allow_providers', providers: ['two'] },
    ]);
    const answer = await told(id);
    expect(allowedOf(answer)).toEqual(['alias-of-both', 'both', 'dear']);
    expect(answer).toMatchObject({ total: 9, allowed: 3 });
    const { rules } = await rulesAt(house.stack, 'organization').get();
    const refusalOf = (name: string) => answer.models.find(({ model }) => model === name);
    expect(refusalOf('cheap')).toMatchObject({
      code: 'model_not_allowed',
      rule: { id: rules[0]?.id, level: 'organization', about: 'models' },
    });
    expect(refusalOf('free')).toMatchObject({ code: 'provider_not_allowed', rule: { level: 'key' } });
    expect(refusalOf('gpt-4')).toMatchObject({ code: 'pricing_not_allowed', rule: { level: 'key' } });
    await eventually(
      () => listed(key),
      (names) => names.join() === allowedOf(answer).join(),
    );
    await rulesAt(house.stack, 'organization').put([]);
  });

  it('are not fewer for what only a call can be held against; how many such rules there are is said', async () => {
    const { id } = await house.stack.admin.createKey();
    await rulesAt(house.stack, `api-keys/${id}`).put([
      { type: 'allow_ips', cidrs: ['192.0.2.0/24'] },
      { type: 'deny_models', models: ['both'], condition: 'request.stream' },
      { type: 'deny_models', models: ['dear'], condition: 'request.stream', status: 'observe' },
      { type: 'deny_models', models: ['cheap'], status: 'inactive' },
    ]);
    expect(await told(id)).toMatchObject({ total: 9, allowed: 9, not_judged: 2 });
  });

  it('are for those to see who may see the key', async () => {
    const { id } = await house.stack.admin.createKey();
    const other = await house.stack.admin.createKey({ scopes: ['webhook'] });
    const as = (key: string) =>
      fetch(`${house.stack.url}/api/api-keys/${id}/models`, { headers: { authorization: `Bearer ${key}` } });
    expect((await as(other.key)).status).toBe(403);
    expect((await house.stack.admin.call('GET', '/api/api-keys/key_01JABCDEFGHJKMNPQRSTVWXYZ0/models')).status).toBe(
      404,
    );
  });
});
