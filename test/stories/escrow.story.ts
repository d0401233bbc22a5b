import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { EscrowRpc, type GrantReply } from '#contracts/escrow';
import { LimitEvents } from '#contracts/limits';
import type { Asks } from '#contracts/rpc';
import { bucketId } from '#domain/budget/bucket-id';
import { newId } from '#domain/id';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { listen } from '#rpc/listen';
import { publishUsage } from '#rpc/usage-stream';
import { eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let bus: NatsConnection;
let client: BusClient;
let db: Client;
beforeAll(async () => {
  stack = await startStack();
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'test' });
  db = new Client({ connectionString: stack.servers.postgres });
  await db.connect();
});
afterAll(async () => {
  await db?.end();
  await bus?.close();
  await stack?.stop();
});

type Ask = Asks<typeof EscrowRpc.grantSlices>;

const id = (kind: Parameters<typeof newId>[0]) => newId(kind, Date.now(), randomBytes(10));
const newKey = () => ({ organization_id: id('organization'), project_id: id('project'), key_id: id('key') });
const bucketOf = (key: string, limit: string, need: string, more: Partial<Ask['buckets'][number]> = {}) => ({
  bucket: bucketId(key, 0, null),
  limit_nanos: limit,
  need_nanos: need,
  want_nanos: '0',
  returned_nanos: '0',
  ...more,
});
const grant = (ask: Omit<Ask, 'till' | 'run' | 'epoch' | 'revision'> & Partial<Ask>): Promise<GrantReply> =>
  client.call(EscrowRpc.grantSlices, { till: 'redis', run: 'run-1', epoch: 0, revision: 1, ...ask });

describe('the bank, over the bus,', () => {
  it('sets money aside for a till, renews it, and never sets aside more than there is', async () => {
    const key = newKey();
    const first = await grant({ ...key, buckets: [bucketOf(key.key_id, '6400', '1000')] });
    expect(first).toMatchObject({
      outcome: 'granted',
      lease_ms: 60_000,
      buckets: [
        {
          granted_nanos: '1000',
          limit_nanos: '6400',
          settled_nanos: '0',
          free_nanos: '5400',
          outside_nanos: '0',
        },
      ],
    });
    const second = await grant({
      ...key,
      epoch: first.epoch,
      buckets: [bucketOf(key.key_id, '6400', '9000', { returned_nanos: '400' })],
    });
    expect(second).toMatchObject({ epoch: first.epoch, buckets: [{ granted_nanos: '5800', free_nanos: '0' }] });
  });

  it.each([
    ['of another key', (_: ReturnType<typeof newKey>) => bucketOf(newKey().key_id, '1', '1')],
    ['without a limit that is not of credits', (key) => bucketOf(key.key_id, '1', '1', { limit_nanos: null })],
    ['of the credits of others', () => bucketOf('x', '1', '1', { bucket: `${id('organization')}/USD` })],
    ['with a need of less than nothing', (key) => bucketOf(key.key_id, '1', '-1')],
    [
      'with something returned that is less than nothing',
      (key) => bucketOf(key.key_id, '1', '1', { returned_nanos: '-1' }),
    ],
  ] as [string, (key: ReturnType<typeof newKey>) => Ask['buckets'][number]][])(
    'refuses a bucket %s',
    async (_, wrong) => {
      const key = newKey();
      await expect(grant({ ...key, buckets: [wrong(key)] })).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );

  it('takes back what is left in a till that nobody has asked for in a while', async () => {
    const key = newKey();
    await grant({ ...key, buckets: [bucketOf(key.key_id, '1000', '900')] });
    await db.query("UPDATE usage.till SET lease_until = lease_until - interval '2 minutes' WHERE key_id = $1", [
      key.key_id,
    ]);
    const granted = async () =>
      (await db.query('SELECT granted FROM usage.bucket WHERE id = $1', [bucketId(key.key_id, 0, null)])).rows[0]
        .granted;
    await eventually(granted, (nanos) => nanos === '0', 30_000);
    const reply = await grant({ ...key, buckets: [bucketOf(key.key_id, '1000', '1000')] });
    expect(reply.buckets).toMatchObject([{ granted_nanos: '1000', outside_nanos: '0' }]);
  }, 40_000);

  it('tells when most, nearly all and all of a limit is spent, each once, and again after it was raised', async () => {
    const key = newKey();
    const bucket = bucketId(key.key_id, 0, null);
    const told: { percent: number; limit: string; used: string }[] = [];
    const listening = listen(
      bus,
      [LimitEvents.threshold],
      ({ payload }) => {
        if (payload.bucket === bucket) told.push(payload);
      },
      { from: 'new', log: { info() {}, warn() {}, error() {} } },
    );
    await listening.ready;
    const { epoch } = await grant({ ...key, buckets: [bucketOf(key.key_id, '1000', '1000')] });
    const spend = (cost: number) =>
      publishUsage(bus, randomUUID(), { events: [eventOf(key, String(cost), { till: 'redis', epoch })] });
    const levels = (...percents: number[]) =>
      eventually(
        async () => told.map(({ percent }) => percent),
        (heard) => JSON.stringify(heard) === JSON.stringify(percents),
        10_000,
      );
    await spend(700);
    await spend(150);
    await levels(80);
    // At once from below nearly all to all: only the highest is told.
    await spend(150);
    await levels(80, 100);
    expect(told[1]).toMatchObject({ organization_id: key.organization_id, holder: key.key_id, used: '0.000001' });
    await grant({ ...key, epoch, revision: 2, buckets: [bucketOf(key.key_id, '2000', '500')] });
    await spend(650);
    await levels(80, 100, 80);
    await listening.close();
  }, 40_000);

  it('has nothing for whoever names a key of another organization', async () => {
    const key = newKey();
    await grant({ ...key, buckets: [bucketOf(key.key_id, '10', '1')] });
    const stranger = { ...key, organization_id: id('organization') };
    await expect(grant({ ...stranger, buckets: [bucketOf(key.key_id, '10', '1')] })).rejects.toMatchObject({
      code: 'not_found',
    });
    const elsewhere = { ...stranger, till: 'elsewhere', buckets: [bucketOf(key.key_id, '10', '1')] };
    await expect(grant(elsewhere)).rejects.toMatchObject({ code: 'not_found' });
  });
});

function eventOf(key: ReturnType<typeof newKey>, cost_nanos: string, hold: { till: string; epoch: number }) {
  return {
    ...key,
    request_id: id('request'),
    kind: 'final' as const,
    secret_id: id('secret'),
    at: new Date().toISOString(),
    endpoint: '/v1/chat/completions',
    model: 'echo',
    provider: 'echo',
    stream: false,
    outcome: 'ok' as const,
    status: 200,
    input_tokens: 1,
    cached_input_tokens: 0,
    output_tokens: 1,
    cost_nanos,
    currency: 'USD',
    hold,
    duration_ms: 1,
    first_byte_ms: 1,
  };
}
