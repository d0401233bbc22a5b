import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { BooksRpc } from '#contracts/books';
import { GatewayRpc } from '#contracts/gateway';
import { ReservationsRpc } from '#contracts/reservations';
import type { Asks, Gets } from '#contracts/rpc';
import { BusClient, type CallOptions } from '#rpc/client';
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

type Reserved = Extract<Gets<typeof ReservationsRpc.reserve>, { reserved: true }>;

/** Held: 0.0002. Its input alone: 0.0001. */
const CALL = { model: 'fake', input_tokens: 100, max_output_tokens: 50 };
const USAGE = { input_tokens: 100, output_tokens: 20 };

async function reserve(
  key: string,
  more: Partial<Asks<typeof ReservationsRpc.reserve>> = {},
  options: CallOptions = {},
): Promise<Reserved> {
  const reply = await patiently(() => client.call(ReservationsRpc.reserve, { key, ...CALL, ...more }, options));
  if (!reply.reserved) throw new Error(`denied: ${JSON.stringify(reply.denial)}`);
  return reply;
}

const settle = (reservation_id: string, usage = USAGE) =>
  patiently(() => client.call(ReservationsRpc.settleReservation, { reservation_id, usage }));
const get = (reservation_id: string) => client.call(ReservationsRpc.getReservation, { reservation_id });

async function costsOf({ request_id }: Reserved): Promise<string[]> {
  const { rows } = await db.query(
    `SELECT kind || ' ' || outcome || ' ' || cost_nanos AS row FROM usage.usage_event WHERE request_id = $1 ORDER BY kind DESC`,
    [request_id],
  );
  return rows.map(({ row }) => row);
}

async function budgetOf(key: string): Promise<Record<string, unknown> | null | undefined> {
  const reply = await fetch(`${edge.url}/v1/key`, { headers: { authorization: `Bearer ${key}` } });
  return ((await reply.json()) as { limits: Record<string, Record<string, unknown> | null> }).limits.budget;
}

async function drifts(): Promise<unknown> {
  const { organization_id } = await reserveAndCancel();
  return (await client.call(BooksRpc.checkBooks, { organization_id, repair: false })).drifts;
}

async function reserveAndCancel(): Promise<Reserved> {
  const reserved = await reserve(edge.key);
  await client.call(ReservationsRpc.cancelReservation, { reservation_id: reserved.reservation_id });
  return reserved;
}

describe('a reservation whose owner dies', () => {
  it('is charged for its input when it expires, and its money can be spent again; the truth, told late, is a correction', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.0004', max_parallel: 1 });
    const reserved = await reserve(key, { expires_in_seconds: 1 });
    const { reservation_id } = reserved;
    expect(await budgetOf(key)).toMatchObject({ reserved: '0.0002', remaining: '0.0002' });
    await eventually(
      () => get(reservation_id),
      ({ state, cost }) => state === 'expired' && cost === '0.0001',
      8000,
    );
    expect(await costsOf(reserved)).toEqual(['final abandoned 100000']);
    // The money is back, and so is its place.
    await eventually(
      () => budgetOf(key),
      (budget) => budget?.reserved === '0.00' && budget.remaining === '0.0003',
    );
    const next = await reserve(key);
    await client.call(ReservationsRpc.cancelReservation, { reservation_id: next.reservation_id });

    expect(await settle(reservation_id)).toMatchObject({ state: 'settled', cost: '0.00014' });
    expect(await settle(reservation_id)).toMatchObject({ state: 'settled', cost: '0.00014' });
    expect(await costsOf(reserved)).toEqual(['final abandoned 100000', 'correction ok 40000']);
    await expect(client.call(ReservationsRpc.cancelReservation, { reservation_id })).rejects.toMatchObject({
      code: 'conflict',
      details: { state: 'settled' },
    });
    expect(await drifts()).toEqual([]);
  });

  it('lives on for as long as it is extended', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.0002' });
    const { reservation_id } = await reserve(key, { expires_in_seconds: 1 });
    const extended = await client.call(ReservationsRpc.extendReservation, { reservation_id, expires_in_seconds: 60 });
    expect(Date.parse(extended.expires_at)).toBeGreaterThan(Date.now() + 50_000);
    const short = await reserve(edge.key, { expires_in_seconds: 1 });
    await eventually(
      () => get(short.reservation_id),
      ({ state }) => state === 'expired',
      8000,
    );
    expect(await get(reservation_id)).toMatchObject({ state: 'open' });
    await settle(reservation_id);
    await expect(
      client.call(ReservationsRpc.extendReservation, { reservation_id, expires_in_seconds: 60 }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('any replica', () => {
  it('ends what another has begun, also when that one is gone', async () => {
    const gateway = await edge.stack.startGateway();
    const usage = await edge.stack.startUsage();
    const { key } = await edge.stack.admin.createKey({ budget: '0.01' });
    const all = await Promise.all(Array.from({ length: 12 }, () => reserve(key)));
    await Promise.all([gateway.stop(), usage.stop()]);
    await Promise.all(all.map(({ reservation_id }) => settle(reservation_id)));
    expect(await budgetOf(key)).toMatchObject({ used: '0.00168', reserved: '0.00', remaining: '0.00832' });
    expect(await drifts()).toEqual([]);
  });

  it('settles after Redis has lost everything: the ledger is right, and nothing more can be spent than there is', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.0005' });
    const reserved = await reserve(key);
    const redis = new Redis(edge.stack.servers.redis);
    await redis.flushdb();
    redis.disconnect();
    // What lay in the lost till is nobody's until that is closed.
    const denied = await client.call(ReservationsRpc.reserve, { key, ...CALL, max_output_tokens: 500 });
    expect(denied).toMatchObject({ reserved: false, denial: { code: 'spend_limit_reached' } });
    expect(await settle(reserved.reservation_id)).toMatchObject({ cost: '0.00014' });
    expect(await costsOf(reserved)).toEqual(['final ok 140000']);
    expect(await drifts()).toEqual([]);
  });
});

describe('asking twice', () => {
  it('with the same Idempotency-Key is one reservation; with another question it is refused', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.0002' });
    const options = { idempotencyKey: `job-${Date.now()}` };
    const first = await reserve(key, {}, options);
    // There would be no money for another one.
    expect(await reserve(key, {}, options)).toEqual(first);
    await expect(reserve(key, { input_tokens: 1 }, options)).rejects.toMatchObject({ code: 'idempotency_mismatch' });
    const { rows } = await db.query('SELECT answer::text FROM usage.idempotency WHERE key = $1', [
      options.idempotencyKey,
    ]);
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  it('many times at once leaves nothing held but the one', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '1' });
    const options = { idempotencyKey: `many-${Date.now()}` };
    const all = await Promise.all(Array.from({ length: 30 }, () => reserve(key, {}, options).catch(() => null)));
    expect(new Set(all.flatMap((each) => each?.reservation_id ?? [])).size).toBe(1);
    await eventually(
      () => budgetOf(key),
      (budget) => budget?.reserved === '0.0002',
    );
  });

  it('after a denial is asked anew', async () => {
    const { key } = await edge.stack.admin.createKey({ max_parallel: 1 });
    const options = { idempotencyKey: `again-${Date.now()}` };
    const first = await reserve(key);
    await expect(reserve(key, {}, options)).rejects.toThrow(/concurrency_limit_exceeded/);
    await settle(first.reservation_id);
    expect((await reserve(key, {}, options)).reserved).toBe(true);
  });
});

describe('an asker that is gone', () => {
  it('before it was answered leaves nothing behind', async () => {
    const { key, id } = await edge.stack.admin.createKey({ budget: '0.0002' });
    const call = client.call(ReservationsRpc.reserve, { key, ...CALL }, { timeoutMs: 1 });
    await expect(call).rejects.toMatchObject({ code: 'service_unavailable' });
    await eventually(
      () => budgetOf(key),
      (budget) => budget?.remaining === '0.0002',
    );
    const { rows } = await db.query(`SELECT 1 FROM usage.reservation WHERE event->>'key_id' = $1`, [id]);
    expect(rows).toEqual([]);
  });

  it('a till that holds something nobody knows of has it back without a charge', async () => {
    const { key, id } = await edge.stack.admin.createKey({ budget: '0.0002' });
    const request_id = 'req_01M8EMKNRM01JD2RJCA6MCX2K3';
    const call = { ...CALL };
    // As if the usage service had died between the hold and its row: the till is told by nobody.
    const admitted = await client.call(GatewayRpc.admitCall, {
      ...{ request_id, who: { key }, call, expires_at: new Date(Date.now() - 29_000).toISOString() },
    });
    expect(admitted.reserved).toBe(true);
    await eventually(
      async () => (await chat(edge.url, key, { model: 'fake', max_tokens: 10 })).status,
      (status) => status === 200,
      10_000,
    );
    const { rows } = await db.query(
      `SELECT kind FROM usage.usage_event WHERE key_id = $1 AND kind = 'final' AND outcome = 'abandoned'`,
      [id],
    );
    expect(rows).toEqual([]);
  });
});

describe('a service that only names the key', () => {
  it('reserves for it, and not for one of somebody else', async () => {
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.001' });
    const { organization_id } = await reserve(key);
    const asked = { organization_id, key_id: id, ...CALL };
    expect(await client.call(ReservationsRpc.reserveById, asked)).toMatchObject({ reserved: true, key_id: id });
    const other = { ...asked, key_id: 'key_01JD3Q0YV6Z0C7M1W8K2R5T9XA' };
    await expect(client.call(ReservationsRpc.reserveById, other)).rejects.toMatchObject({ code: 'not_found' });
  });
});
