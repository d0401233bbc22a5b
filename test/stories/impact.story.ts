import { expect, it } from '@jest/globals';
import type { z } from 'zod';
import type { impact } from '#contracts/impact';
import { chat, eventually } from '../stack.js';
import { houseOfTwoProviders } from '../two-providers.js';

type Impact = z.output<typeof impact>;

const house = houseOfTwoProviders();

async function impactOf(body: object): Promise<Impact> {
  const reply = await house.stack.admin.call('POST', '/api/policy/impact', body);
  if (reply.status !== 200) throw new Error(await reply.text());
  return (await reply.json()) as Impact;
}

it('rules are held against the requests of late, and nothing is put', async () => {
  const { id: key_id, key } = await house.stack.admin.createKey();
  for (const model of ['cheap', 'dear', 'dear', 'alias-of-both'])
    expect((await chat(house.stack.url, key, { model })).status).toBe(200);
  const rules = [
    { type: 'deny_ips', cidrs: ['0.0.0.0/0'] },
    { type: 'deny_models', models: ['dear'], status: 'observe' },
    { type: 'deny_models', models: ['cheap'], condition: 'request.max_tokens <= 5' },
    { type: 'deny_models', models: ['both'], status: 'inactive' },
  ];
  const impact = await eventually(
    () => impactOf({ key_id, rules }),
    ({ requests }) => requests === 4,
  );
  expect(impact).toMatchObject({
    requests: 4,
    denied: 2,
    by_code: { model_not_allowed: 2 },
    by_model: { dear: 2 },
    unknown: 0,
    not_judged: [0],
    truncated: false,
  });
  expect(impact.sample).toMatchObject([
    { key_id, model: 'dear', code: 'model_not_allowed', rule: 1 },
    { key_id, model: 'dear', code: 'model_not_allowed', rule: 1 },
  ]);
  expect((await chat(house.stack.url, key, { model: 'dear' })).status).toBe(200);

  const priced = { type: 'allow_pricing', pricing: { max_input_price: '1' } };
  const ofAll = await impactOf({ rules: [priced] });
  expect(ofAll.by_model).toMatchObject({ both: 1 });
  expect(ofAll.by_code).toEqual({ pricing_not_allowed: ofAll.denied });
});

it('what was refused anyway is not counted, and a key that is not there is not found', async () => {
  const { id: key_id, key } = await house.stack.admin.createKey({ budget: '0' });
  expect((await chat(house.stack.url, key, { model: 'dear' })).status).toBe(402);
  const rules = [{ type: 'allow_models', models: [] }];
  expect(await impactOf({ key_id, rules })).toMatchObject({ requests: 0, denied: 0 });
  const other = `${key_id.slice(0, -4)}0000`;
  expect((await house.stack.admin.call('POST', '/api/policy/impact', { key_id: other, rules })).status).toBe(404);
  expect((await house.stack.admin.call('POST', '/api/policy/impact', { rules, days: 8 })).status).toBe(400);
});
