import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { type CreditBalance, type CreditEntry, CreditsRpc } from '#contracts/credits';
import { EscrowRpc } from '#contracts/escrow';
import { KeysRpc } from '#contracts/keys';
import { PeopleRpc } from '#contracts/people';
import type { UsageEvent } from '#contracts/usage';
import { creditsBucketId } from '#domain/budget/bucket-id';
import { newId } from '#domain/id';
import { digestOf } from '#domain/key/secret';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { publishUsage } from '#rpc/usage-stream';
import { type Person, person } from '../people.js';
import { eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let bus: NatsConnection;
let client: BusClient;
let owner: Person;
beforeAll(async () => {
  stack = await startStack();
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'payments' });
  owner = await person(stack.url, { email: 'owner@keyward.test', password: 'correct-horse-battery' });
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
});

interface Page {
  readonly balances: CreditBalance[];
  readonly data: CreditEntry[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

const add = (body: object, headers?: Record<string, string>) => owner.call('POST', '/api/credits', body, headers);
const credits = (query = '') => owner.read<Page>(`/api/credits${query}`);
const balanceIn = async (currency: string) =>
  (await credits()).balances.find((balance) => balance.currency === currency);

async function newOrganization(name: string) {
  const email = `owner@${name}.test`;
  const password = 'a password of theirs';
  const made = await client.call(PeopleRpc.createOrganization, { name, owner: { email, password } });
  return { id: made.organization.id, owner: await person(stack.url, { email, password }) };
}

describe('credits', () => {
  it('are topped up, and from then on all keys of that currency pay in advance', async () => {
    const key = await stack.admin.createKey();
    const resolved = async () => {
      const { head: at_least } = await client.call(KeysRpc.listChanges, { after: null });
      return (await client.call(KeysRpc.resolveKey, { digest: digestOf(key.key), at_least })).key;
    };
    const before = await resolved();
    expect(before).toMatchObject({ prepaid: false, currency: 'USD' });
    const reply = await add({ currency: 'USD', amount: 12.5, note: 'invoice 7' });
    expect(reply.status).toBe(201);
    expect(await reply.json()).toMatchObject({
      entry: { kind: 'top_up', amount: '12.50', note: 'invoice 7', created_by: `member:${owner.member.id}` },
      balance: { currency: 'USD', paid_in: '12.50', spent: '0.00', balance: '12.50', reserved: '0.00' },
    });
    const after = await resolved();
    expect(after?.prepaid).toBe(true);
    expect(after?.revision).toBeGreaterThan(before?.revision ?? 0);
    expect(await owner.read('/api/organization')).toMatchObject({ prepaid: ['USD'] });
  });

  it('are in the audit log, by whom and how much', async () => {
    const { entry } = (await (await add({ currency: 'USD', amount: '1.00' })).json()) as { entry: CreditEntry };
    const log = () => owner.read<{ data: object[] }>(`/api/audit-events?subject=${entry.id}`);
    const { data } = await eventually(log, ({ data }) => data.length > 0);
    expect(data).toMatchObject([
      { action: 'credit.top_up', actor: `member:${owner.member.id}`, after: { amount: '1.00', currency: 'USD' } },
    ]);
  });

  it('are added once, however often the same request arrives', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const replies = await Promise.all(
      [1, 2, 3].map(() => add({ currency: 'EUR', amount: '5.00' }, headers).then((reply) => reply.json())),
    );
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(await balanceIn('EUR')).toMatchObject({ paid_in: '5.00' });
    expect((await add({ currency: 'EUR', amount: '6.00' }, headers)).status).toBe(422);
  });

  it('are adjusted in both directions, and listed newest first, page by page', async () => {
    await add({ currency: 'GBP', amount: '3.00' });
    await add({ currency: 'GBP', kind: 'adjustment', amount: '-4.50', note: 'chargeback' });
    expect(await balanceIn('GBP')).toMatchObject({ paid_in: '-1.50', balance: '-1.50' });
    const all: CreditEntry[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await credits(`?limit=2${cursor && `&cursor=${cursor}`}`);
      all.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(all.length).toBeGreaterThan(4);
    expect(all.slice(0, 2)).toMatchObject([{ amount: '-4.50' }, { amount: '3.00' }]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it.each([
    ['of nothing', { currency: 'USD', amount: '0' }, 'amount'],
    ['of less', { currency: 'USD', amount: '-1' }, 'amount'],
    ['with more decimals than a nano has', { currency: 'USD', amount: '0.0000000001' }, 'amount'],
    ['without a currency', { amount: '1' }, 'currency'],
    ['in no currency', { currency: 'dollars', amount: '1' }, 'currency'],
    ['with a field that is not there', { currency: 'USD', amount: '1', free: true }, 'free'],
  ])('are not topped up %s', async (_, body, param) => {
    const reply = await add(body);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ code: 'invalid_request', param });
  });

  it('are written by those who run the installation and by services, and by no tenant for itself', async () => {
    const { id, owner: tenant } = await newOrganization('tenant');
    expect((await tenant.call('POST', '/api/credits', { currency: 'USD', amount: '1000' })).status).toBe(403);
    expect(await tenant.read('/api/credits')).toMatchObject({ balances: [], data: [] });
    await client.call(CreditsRpc.addCredit, { organization_id: id, currency: 'USD', amount: '7.00' });
    expect(await tenant.read('/api/credits')).toMatchObject({
      balances: [{ paid_in: '7.00' }],
      data: [{ created_by: 'service:payments' }],
    });
    expect((await balanceIn('USD'))?.paid_in).toBe('13.50');
  });

  it('go down by what requests cost, but for those that went with the project’s own provider key', async () => {
    const { id } = await newOrganization('spender');
    await client.call(CreditsRpc.addCredit, { organization_id: id, currency: 'USD', amount: '2.00' });
    const prepaid = eventOf(id, { prepaid: true, cost_nanos: '250000000' });
    const own = eventOf(id, { prepaid: true, own_key: true, cost_nanos: '400000000' });
    const before = eventOf(id, { prepaid: false, cost_nanos: '100000000' });
    await publishUsage(bus, randomUUID(), { events: [prepaid, own, before] });
    await publishUsage(bus, randomUUID(), { events: [prepaid] });
    const read = () => client.call(CreditsRpc.getCredits, { organization_id: id });
    const { balances } = await eventually(read, ({ balances }) => balances[0]?.spent !== '0.00');
    expect(balances).toMatchObject([{ paid_in: '2.00', spent: '0.25', balance: '1.75' }]);
  });

  it('are set aside for tills up to the balance, and no further', async () => {
    const { id } = await newOrganization('till');
    await client.call(CreditsRpc.addCredit, { organization_id: id, currency: 'USD', amount: '0.000001' });
    const ask = (need_nanos: string) =>
      client.call(EscrowRpc.grantSlices, {
        organization_id: id,
        project_id: newId('project', Date.now(), randomBytes(10)),
        key_id: newId('key', Date.now(), randomBytes(10)),
        till: 'redis',
        run: 'run',
        epoch: 0,
        revision: 1,
        buckets: [
          { bucket: creditsBucketId(id, 'USD'), limit_nanos: null, need_nanos, want_nanos: '0', returned_nanos: '0' },
        ],
      });
    expect((await ask('700')).buckets).toMatchObject([
      { granted_nanos: '700', limit_nanos: '1000', free_nanos: '300' },
    ]);
    // What does not help whoever asks is left for those it does help.
    expect((await ask('700')).buckets).toMatchObject([{ granted_nanos: '0', free_nanos: '300', outside_nanos: '700' }]);
    await client.call(CreditsRpc.addCredit, { organization_id: id, currency: 'USD', amount: '0.000001' });
    expect((await ask('700')).buckets).toMatchObject([{ granted_nanos: '700', limit_nanos: '2000' }]);
  });
});

function eventOf(organization_id: string, fields: Partial<UsageEvent>): UsageEvent {
  const at = Date.now();
  const id = (kind: Parameters<typeof newId>[0]) => newId(kind, at, randomBytes(10));
  return {
    request_id: id('request'),
    kind: 'final',
    organization_id,
    project_id: id('project'),
    key_id: id('key'),
    secret_id: id('secret'),
    at: new Date(at).toISOString(),
    endpoint: '/v1/chat/completions',
    model: 'echo',
    served_model: 'echo',
    provider: 'echo',
    own_key: false,
    prepaid: false,
    stream: false,
    outcome: 'ok',
    status: 200,
    code: null,
    input_tokens: 1,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 1,
    reasoning_tokens: 0,
    estimated: false,
    unpriced: false,
    cost_nanos: '0',
    currency: 'USD',
    spend_epoch: 0,
    window_start: null,
    project_spend_epoch: 0,
    project_window_start: null,
    hold: null,
    duration_ms: 1,
    first_byte_ms: 1,
    ...fields,
  };
}
