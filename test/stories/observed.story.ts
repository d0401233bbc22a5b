import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { RuleSetView } from '#contracts/admin-rules';
import { ObservedRpc } from '#contracts/observed';
import { ReportsRpc } from '#contracts/reports';
import type { UsageEvent } from '#contracts/usage';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { publishUsage } from '#rpc/usage-stream';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { twoProviders } from '../two-providers.js';
import { anId, usageEvent } from '../usage-events.js';

const HOUR = 3_600_000;

let stack: Stack;
let providers: Awaited<ReturnType<typeof twoProviders>>;
let bus: NatsConnection;
let client: BusClient;
beforeAll(async () => {
  providers = await twoProviders();
  stack = await startStack({ env: providers.env });
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'test' });
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
  await providers?.stop();
});

type View = z.output<typeof RuleSetView>;
const pathOf = (id: string) => `/api/api-keys/${id}/iam-rules`;
const read = async (id: string) => (await (await stack.admin.call('GET', pathOf(id))).json()) as View;
async function put(id: string, rules: readonly object[]): Promise<string[]> {
  const reply = await stack.admin.call('PUT', pathOf(id), { rules });
  return ((await reply.json()) as View).rules.map((rule) => rule.id);
}
const statusOf = async (key: string, model: string) => (await chat(stack.url, key, { model })).status;

describe('a rule that only observes', () => {
  it('says how many requests of late it would have refused, and of each level and list', async () => {
    const { id, key } = await stack.admin.createKey();
    const [denies, lists, never] = await put(id, [
      { type: 'deny_models', models: ['dear'], status: 'observe' },
      { type: 'allow_providers', providers: ['one'], status: 'observe' },
      { type: 'deny_models', models: ['nobody-asks-for-this'], status: 'observe' },
      { type: 'deny_models', models: ['free'] },
    ]);
    await eventually(
      () => statusOf(key, 'free'),
      (status) => status === 403,
      2000,
    );
    for (const model of ['dear', 'dear', 'cheap']) expect(await statusOf(key, model)).toBe(200);
    const { observed } = await eventually(
      () => read(id),
      (view) => view.observed?.[0]?.last_day === 2,
    );
    expect(observed).toEqual([
      { rule_id: denies, last_day: 2, last_7_days: 2 },
      { rule_id: lists, last_day: 2, last_7_days: 2 },
      { rule_id: never, last_day: 0, last_7_days: 0 },
    ]);
  });

  it('does not count what was refused for another reason, and nothing once it binds', async () => {
    const { id, key } = await stack.admin.createKey({ budget: '0' });
    const rule = { type: 'deny_models', models: ['dear'] };
    const [watched] = await put(id, [{ ...rule, status: 'observe' }]);
    expect(await statusOf(key, 'dear')).toBe(402);
    await stack.admin.call('PATCH', `/api/api-keys/${id}`, { budget: null });
    await eventually(
      () => statusOf(key, 'dear'),
      (status) => status === 200,
      2000,
    );
    expect(
      (
        await eventually(
          () => read(id),
          (view) => view.observed?.[0]?.last_day !== 0,
        )
      ).observed,
    ).toEqual([{ rule_id: watched, last_day: 1, last_7_days: 1 }]);
    await put(id, [{ ...rule, id: watched, status: 'active' }]);
    expect((await read(id)).observed).toEqual([]);
  });
});

describe('what is counted', () => {
  const organization_id = anId('organization');
  const rule_id = anId('rule');
  const trace = { decision: 'allow', observed: [rule_id, rule_id] };
  const at = (hoursAgo: number) => new Date(Date.now() - hoursAgo * HOUR).toISOString();
  const countOf = async (organization: string) => {
    const asked = { organization_id: organization, rule_ids: [rule_id] };
    const { rules } = await client.call(ObservedRpc.countObserved, asked);
    return rules.map(({ last_day, last_7_days }) => [last_day, last_7_days]);
  };
  async function told(events: readonly UsageEvent[]): Promise<void> {
    const id = randomUUID();
    await publishUsage(bus, id, { events: [...events] });
    const written = () => client.call(ReportsRpc.confirmBatches, { ids: [id] }).then(({ written }) => written);
    await eventually(written, (ids) => ids.length === 1);
  }

  it('is of the last day and the last seven, once for each request, and nobody else’s', async () => {
    const events = [0, 0, 30, 160, 200].map((ago) => usageEvent({ organization_id, at: at(ago), trace }));
    const denied = usageEvent({ organization_id, kind: 'denied', outcome: 'denied', trace });
    await told([...events, denied, usageEvent({ organization_id, trace: { decision: 'allow', observed: [] } })]);
    await told(events);
    expect(await countOf(organization_id)).toEqual([[2, 4]]);
    expect(await countOf(anId('organization'))).toEqual([[0, 0]]);
  });

  it('counts a request once of which the end was told late', async () => {
    const abandoned = usageEvent({ organization_id, trace, outcome: 'abandoned', status: 0 });
    const [before] = await countOf(organization_id);
    await told([abandoned]);
    await told([{ ...abandoned, outcome: 'ok', status: 200 }]);
    expect(await countOf(organization_id)).toEqual([before?.map((count) => count + 1)]);
  });
});

it('while the usage service is away, rules are as ever and what they would have done is not known', async () => {
  const { id } = await stack.admin.createKey();
  const [rule] = await put(id, [{ type: 'deny_models', models: ['dear'], status: 'observe' }]);
  await stack.apps.usage.stop();
  expect(await read(id)).toMatchObject({ rules: [{ id: rule }], observed: null });
});
