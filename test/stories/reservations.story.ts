import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { ReservationsRpc } from '#contracts/reservations';
import type { Asks, Gets } from '#contracts/rpc';
import { parseMoney } from '#domain/money';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { type EdgeStack, startEdge } from '../edge.js';
import { patiently } from '../patiently.js';
import { chat, eventually } from '../stack.js';

let edge: EdgeStack;
let bus: NatsConnection;
let client: BusClient;
let db: Client;
beforeAll(async () => {
  edge = await startEdge();
  bus = await connectBus({ url: edge.stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'summaries' });
  db = new Client({ connectionString: edge.stack.servers.postgres });
  await db.connect();
});
afterAll(async () => {
  await db?.end();
  await bus?.close();
  await edge?.stop();
});
beforeEach(() => edge.one.control.always({ usage: { input: 100, output: 50 } }));

type Reply = Gets<typeof ReservationsRpc.reserve>;
type Reserved = Extract<Reply, { reserved: true }>;

/** Input a thousand nanos a token, output two thousand. */
const CALL = { model: 'fake', input_tokens: 100, max_output_tokens: 50 };
const USAGE = { input_tokens: 100, output_tokens: 20 };

const ask = (key: string, more: Partial<Asks<typeof ReservationsRpc.reserve>> = {}) =>
  patiently(() => client.call(ReservationsRpc.reserve, { key, ...CALL, ...more }));
const settle = (reservation_id: string, usage = USAGE) =>
  patiently(() => client.call(ReservationsRpc.settleReservation, { reservation_id, usage }));
const cancel = (reservation_id: string) =>
  patiently(() => client.call(ReservationsRpc.cancelReservation, { reservation_id }));
const get = (reservation_id: string) => client.call(ReservationsRpc.getReservation, { reservation_id });

async function reserve(key: string, more: Partial<Asks<typeof ReservationsRpc.reserve>> = {}): Promise<Reserved> {
  const reply = await ask(key, more);
  if (!reply.reserved) throw new Error(`denied: ${JSON.stringify(reply.denial)}`);
  return reply;
}

async function denied(key: string, more: Partial<Asks<typeof ReservationsRpc.reserve>> = {}) {
  const reply = await ask(key, more);
  if (reply.reserved) throw new Error('it was let in');
  return reply.denial;
}

interface Row {
  readonly kind: string;
  readonly outcome: string;
  readonly endpoint: string;
  readonly cost_nanos: string;
  readonly input_tokens: string;
  readonly output_tokens: string;
}

async function ledgerOf(requestId: string): Promise<Row[]> {
  const { rows } = await db.query<Row>(
    `SELECT kind, outcome, endpoint, cost_nanos, input_tokens, output_tokens FROM usage.usage_event
      WHERE request_id = $1 ORDER BY kind DESC`,
    [requestId],
  );
  return rows;
}

/** What a key has left, as it is told itself. */
async function standing(key: string) {
  const reply = await fetch(`${edge.url}/v1/key`, { headers: { authorization: `Bearer ${key}` } });
  const { limits } = (await reply.json()) as { limits: Record<string, Record<string, unknown> | null> };
  return limits;
}

describe('a service that calls models itself', () => {
  it('reserves what a call may cost, settles what it did, and both are in the limits and in the ledger', async () => {
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.001', rate_limit: 10, token_limit: 1000 });
    const reserved = await reserve(key);
    expect(reserved).toMatchObject({
      key_id: id,
      providers: ['one'],
      held: '0.0002',
      max_output_tokens: 50,
      currency: 'USD',
      budget: { limit: 'budget', limit_value: '0.001', used: '0.00', reserved: '0.0002', remaining: '0.0008' },
      ratelimit: { requests: { used: 1, remaining: 9 }, tokens: { used: 150, remaining: 850 } },
    });
    expect(await standing(key)).toMatchObject({
      budget: { used: '0.00', reserved: '0.0002', remaining: '0.0008' },
      rate_limit: { used: 1 },
    });
    const { reservation_id, request_id } = reserved;
    expect(await get(reservation_id)).toMatchObject({ state: 'open', cost: null, held: '0.0002', key_id: id });

    expect(await settle(reservation_id)).toMatchObject({ state: 'settled', cost: '0.00014', provider: 'one' });
    expect(await ledgerOf(request_id)).toEqual([
      {
        ...{ kind: 'final', outcome: 'ok', endpoint: 'keyward.usage.reserve' },
        ...{ cost_nanos: '140000', input_tokens: '100', output_tokens: '20' },
      },
    ]);
    expect(await standing(key)).toMatchObject({
      budget: { used: '0.00014', reserved: '0.00', remaining: '0.00086' },
      token_limit: { used: 120 },
    });
    expect(await get(reservation_id)).toMatchObject({ state: 'settled', cost: '0.00014' });
  });

  it('may settle as often as it likes: once is what counts, and nothing else after that', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.001' });
    const { reservation_id, request_id } = await reserve(key);
    const told = await Promise.all(Array.from({ length: 8 }, () => settle(reservation_id)));
    expect(new Set(told.map((view) => JSON.stringify(view))).size).toBe(1);
    expect(await ledgerOf(request_id)).toHaveLength(1);
    await expect(settle(reservation_id, { input_tokens: 1, output_tokens: 1 })).rejects.toMatchObject({
      code: 'conflict',
      details: { state: 'settled' },
    });
    await expect(cancel(reservation_id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await standing(key)).toMatchObject({ budget: { used: '0.00014', reserved: '0.00', remaining: '0.00086' } });
  });

  it('cancels a call that was never made, and it is as if it had not been asked for', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.001', rate_limit: 10, token_limit: 1000 });
    const { reservation_id, request_id } = await reserve(key);
    expect(await cancel(reservation_id)).toMatchObject({ state: 'cancelled', cost: null });
    expect(await cancel(reservation_id)).toMatchObject({ state: 'cancelled' });
    expect(await ledgerOf(request_id)).toEqual([]);
    expect(await standing(key)).toMatchObject({
      budget: { used: '0.00', reserved: '0.00', remaining: '0.001' },
      rate_limit: { used: 0 },
      token_limit: { used: 0 },
    });
    await expect(settle(reservation_id)).rejects.toMatchObject({ code: 'conflict', details: { state: 'cancelled' } });
  });

  it('is told how long an answer may be, where it does not say so and money is limited', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.0005' });
    const { max_output_tokens, held } = await reserve(key, { max_output_tokens: null });
    expect({ max_output_tokens, held }).toEqual({ max_output_tokens: 200, held: '0.0005' });
  });

  it('has a key without limits metered, and nothing set aside', async () => {
    const { key } = await edge.stack.admin.createKey();
    const { reservation_id, request_id, held, budget } = await reserve(key, { max_output_tokens: null });
    expect({ held, budget }).toEqual({ held: '0.00', budget: null });
    expect(await settle(reservation_id)).toMatchObject({ cost: '0.00014' });
    expect(await ledgerOf(request_id)).toHaveLength(1);
  });

  it('pays what the edge would: the provider that served, every kind of token, rounded once', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '1' });
    const { reservation_id, providers } = await reserve(key, { model: 'both', input_tokens: 1000 });
    expect([...providers].sort()).toEqual(['one', 'two']);
    const usage = { input_tokens: 1000, cached_input_tokens: 300, cache_write_tokens: 200, output_tokens: 7 };
    const settled = client.call(ReservationsRpc.settleReservation, { reservation_id, usage, provider: 'two' });
    expect(await settled).toMatchObject({ provider: 'two', cost: '0.001014' });
    await expect(
      client.call(ReservationsRpc.settleReservation, { reservation_id, usage, provider: 'three' }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a denial', () => {
  it('has the codes and the facts of the edge', async () => {
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.0003' });
    await reserve(key);
    const byBus = await denied(key);
    const byEdge = await chat(edge.url, key, { model: 'fake', max_tokens: 100_000 });
    const { error } = (await byEdge.json()) as { error: { message: string; details: Record<string, unknown> } };
    expect(byBus).toMatchObject({ code: 'spend_limit_reached', status: 402, message: error.message, param: null });
    const { error_code: _, ...facts } = error.details;
    expect(byBus.details).toEqual(facts);
    expect(facts).toMatchObject({ limit_value: '0.0003', used: '0.00', reserved: '0.0002', remaining: '0.0001' });
    await eventually(
      async () => {
        const { rows } = await db.query(
          `SELECT code, endpoint FROM usage.usage_event WHERE key_id = $1 AND kind = 'denied'`,
          [id],
        );
        return rows;
      },
      (rows) => rows.some(({ endpoint }) => endpoint === 'keyward.usage.reserve'),
    );
  });

  it('is typed, whatever is wrong', async () => {
    const { key, id } = await edge.stack.admin.createKey({ rate_limit: 1 });
    expect(await denied('kw_notakeyatall')).toMatchObject({ code: 'invalid_api_key', status: 401 });
    expect(await denied(key, { model: 'nope' })).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(await denied(key, { provider: 'two' })).toMatchObject({ code: 'model_not_found', param: 'provider' });
    expect(await denied(key, { own_key: true })).toMatchObject({ code: 'invalid_request', param: 'own_key' });
    await reserve(key);
    expect(await denied(key)).toMatchObject({
      code: 'rate_limit_exceeded',
      status: 429,
      details: { limit: 'rate_limit', limit_value: 1, used: 1, remaining: 0 },
    });
    await edge.stack.admin.call('POST', `/api/api-keys/${id}/disable`);
    expect(await denied(key)).toMatchObject({ code: 'key_disabled', details: { key_id: id } });
  });

  it('comes from rules as well, and names the one that decided', async () => {
    const { key, id } = await edge.stack.admin.createKey();
    const rules = [{ type: 'deny_models', models: ['fake'] }];
    await edge.stack.admin.call('PUT', `/api/api-keys/${id}/iam-rules`, { rules });
    await eventually(
      () => ask(key),
      (reply) => !reply.reserved,
    );
    const denial = await denied(key);
    expect(denial).toMatchObject({ code: 'model_not_allowed', status: 403 });
    expect(denial.details.rule_id).toMatch(/^rul_/);
    await reserve(key, { model: 'both' });
  });

  it('of a model that nobody knows the price of is only for who has a limit', async () => {
    const models = { id: 'mystery', routes: [{ provider: 'one' }] };
    expect((await edge.stack.admin.call('POST', '/api/models', models)).status).toBe(201);
    const limited = await edge.stack.admin.createKey({ budget: '1' });
    const free = await edge.stack.admin.createKey();
    await eventually(
      () => ask(free.key, { model: 'mystery' }),
      (reply) => reply.reserved,
    );
    expect(await denied(limited.key, { model: 'mystery' })).toMatchObject({ code: 'model_unpriced', status: 403 });
  });
});

describe('what is malformed', () => {
  it.each([
    ['no key', { ...CALL }, 'key'],
    ['a count that is none', { ...CALL, key: 'kw_x', input_tokens: -1 }, 'input_tokens'],
    ['a time without end', { ...CALL, key: 'kw_x', expires_in_seconds: 1e9 }, 'expires_in_seconds'],
    ['a field that nobody knows', { ...CALL, key: 'kw_x', budjet: 1 }, 'budjet'],
  ])('%s is named', async (_, body, param) => {
    const answer = await bus.request('keyward.usage.reserve', JSON.stringify(body));
    expect(answer.json()).toMatchObject({ error: { code: 'invalid_request', details: { param } } });
  });

  it('usage of which the parts are more than the whole is named, and nothing is written', async () => {
    const { reservation_id } = await reserve(edge.key);
    const usage = { input_tokens: 1, cached_input_tokens: 2, output_tokens: 0 };
    await expect(settle(reservation_id, usage)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await get(reservation_id)).toMatchObject({ state: 'open' });
    await cancel(reservation_id);
  });

  it('a reservation that is not there is not found', async () => {
    await expect(get('rsv_01JD3Q0YV6Z0C7M1W8K2R5T9XA')).rejects.toMatchObject({ code: 'not_found' });
  });
});

it('many at once, over two gateways and two usage services, never come to more than the limit', async () => {
  const [gateway, usage] = await Promise.all([edge.stack.startGateway(), edge.stack.startUsage()]);
  const { key } = await edge.stack.admin.createKey({ budget: '0.01' });
  const reserved: Reserved[] = [];
  const spend = async () => {
    for (let denials = 0; denials < 3; ) {
      const reply = await ask(key);
      if (reply.reserved) reserved.push(reply);
      else denials++;
    }
  };
  await Promise.all(Array.from({ length: 12 }, spend));
  const held = reserved.reduce((sum, each) => sum + (parseMoney(each.held) ?? 0n), 0n);
  expect(held).toBeLessThanOrEqual(10_000_000n);
  expect(reserved.length).toBeGreaterThan(30);
  await Promise.all(
    reserved.map(({ reservation_id }, i) => (i % 5 === 0 ? cancel(reservation_id) : settle(reservation_id))),
  );
  const settled = reserved.filter((_, i) => i % 5 !== 0).length;
  const { rows } = await db.query(
    `SELECT count(*)::int AS rows, sum(cost_nanos)::bigint AS cost FROM usage.usage_event
      WHERE key_id = $1 AND kind = 'final'`,
    [reserved[0]?.key_id],
  );
  expect(rows[0]).toEqual({ rows: settled, cost: String(settled * 140_000) });
  await eventually(
    () => standing(key),
    ({ budget }) => budget?.reserved === '0.00',
  );
  await Promise.all([gateway.stop(), usage.stop()]);
});
