import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { modelRules } from '#contracts/model-rules';
import { PeopleRpc } from '#contracts/people';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { type Person, person } from '../people.js';
import { rulesAt } from '../rules.js';
import { type Stack, startStack } from '../stack.js';
import { twoProviders } from '../two-providers.js';

type Answer = z.output<typeof modelRules>;

let stack: Stack;
let providers: Awaited<ReturnType<typeof twoProviders>>;
let bus: NatsConnection;
let stranger: Person;
let keyId: string;
beforeAll(async () => {
  providers = await twoProviders();
  stack = await startStack({ env: providers.env });
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  const client = new BusClient({ connection: bus, service: 'test' });
  const credentials = { email: 'else@keyward.test', password: 'correct-horse-battery' };
  const owner = { name: 'Else', ...credentials };
  await client.call(PeopleRpc.createOrganization, { name: 'Else', owner, project: { name: 'Else' } });
  stranger = await person(stack.url, credentials);
  keyId = (await stack.admin.createKey()).id;
  await stranger.call('PUT', '/api/organization/iam-rules', { rules: [{ type: 'deny_models', models: ['gpt-*'] }] });
  await rulesAt(stack, 'organization').put([
    { type: 'allow_pricing', pricing: { max_output_price: '60' } },
    { type: 'deny_pricing', pricing: { tier: 'free' } },
    { type: 'deny_providers', providers: ['one'] },
    { type: 'allow_models', models: ['cheap', 'dear'] },
  ]);
  await rulesAt(stack, `api-keys/${keyId}`).put([
    { type: 'deny_models', models: ['gpt-4-0613'] },
    { type: 'allow_models', models: ['two/gpt-4', 'pinned'] },
    { type: 'deny_models', models: ['p*'] },
    { type: 'deny_models', models: ['gpt-4'], status: 'inactive' },
    { type: 'deny_models', models: ['gpt*'], status: 'observe', condition: 'request.stream' },
  ]);
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
  await providers?.stop();
});

type Asker = Pick<Person, 'call'>;
const touched = async (model: string, query = '', who: Asker = stack.admin): Promise<Answer> => {
  const reply = await who.call('GET', `/api/models/${model}/rules${query}`);
  if (reply.status !== 200) throw new Error(await reply.text());
  return (await reply.json()) as Answer;
};
const told = ({ rules }: Answer) =>
  rules.map(({ level, by, changes, rule }) => {
    const what = 'models' in rule ? rule.models.join(' ') : rule.type;
    return `${level} ${what} by ${by}${changes === null ? '' : changes ? ', changes' : ', stays'}`;
  });

describe('before a model is taken away or has another price', () => {
  it('shows which rules name it, by any of its names, and which its price decides on', async () => {
    const answer = await touched('gpt-4');
    expect(told(answer).sort()).toEqual([
      'key gpt* by wildcard',
      'key gpt-4-0613 by name',
      'key p* by wildcard',
      'key two/gpt-4 pinned by name',
      'organization allow_pricing by price',
    ]);
    expect(answer.rules.filter(({ level }) => level === 'key').map(({ subject }) => subject)).toEqual(
      Array<string>(4).fill(keyId),
    );
    expect(answer).toMatchObject({ model: 'gpt-4', total: 5, everywhere: { rules: 6, changes: 0, organizations: 2 } });
  });

  it('shows of an alias only what names it', async () => {
    expect(told(await touched('pinned')).sort()).toEqual(['key p* by wildcard', 'key two/gpt-4 pinned by name']);
  });

  it('tells which rules about prices a new price would turn', async () => {
    const priced = async (input: string, output: string) =>
      told(await touched('gpt-4', `?input_price=${input}&output_price=${output}`)).filter((each) =>
        /pricing/.test(each),
      );
    expect(await priced('30', '60')).toEqual(['organization allow_pricing by price, stays']);
    expect(await priced('30', '60.01')).toEqual(['organization allow_pricing by price, changes']);
    expect(await priced('0', '0')).toEqual([
      'organization allow_pricing by price, stays',
      'organization deny_pricing by price, changes',
    ]);
    const { everywhere } = await touched('gpt-4', '?input_price=0&output_price=0');
    expect(everywhere).toEqual({ rules: 7, changes: 1, organizations: 2 });
  });

  it('shows everybody their own rules and nobody else’s, and only operators how many there are', async () => {
    const theirs = await touched('gpt-4', '', stranger);
    expect(told(theirs)).toEqual(['organization gpt-* by wildcard']);
    expect(theirs).toMatchObject({ total: 1, everywhere: null });
    expect(JSON.stringify(await touched('gpt-4'))).not.toContain(theirs.rules[0]?.rule.id);
    const reader = await stack.admin.createKey({ scopes: ['read'] });
    const asKey: Asker = {
      call: (method, path) => fetch(stack.url + path, { method, headers: { authorization: `Bearer ${reader.key}` } }),
    };
    expect(await touched('gpt-4', '', asKey)).toMatchObject({ total: 5, everywhere: null });
  });

  it.each<[string, number, string | undefined]>([
    ['/api/models/nothing/rules', 404, undefined],
    ['/api/models/gpt-4/rules?input_price=1', 400, 'output_price'],
    ['/api/models/gpt-4/rules?input_price=-1&output_price=1', 400, 'input_price'],
    ['/api/models/gpt-4/rules?price=1', 400, 'price'],
  ])('%s is %i', async (path, status, param) => {
    const reply = await stack.admin.call('GET', path);
    expect([reply.status, ((await reply.json()) as { param?: string }).param]).toEqual([status, param]);
  });
});
