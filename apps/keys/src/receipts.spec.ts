import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { connectBus } from '#rpc/connect';
import { beat } from '#rpc/heartbeat';
import { createLog } from '#runtime/log';
import { testBus } from '../../../test/bus.js';
import { Receipts } from './receipts.js';

const log = createLog('keys', 'fatal');
let bus: NatsConnection;
let receipts: Receipts;
let head = 0;

beforeAll(async () => {
  bus = await connectBus({ url: testBus().url, name: 'keys', log });
  const db = { query: async () => [{ revision: String(head) }] } as unknown as DataSource;
  receipts = new Receipts({ bus }, db);
  receipts.onApplicationBootstrap();
  await bus.flush();
});
afterAll(async () => {
  receipts?.onApplicationShutdown();
  await bus?.close();
});

const says = (instance: string, revision: number, leaving?: boolean) =>
  beat(bus, { service: 'gateway', instance, revision, sent_at: Date.now(), leaving });

const change = (revision: number | null) => ({ revision, committedAt: performance.now() });

beforeEach(async () => {
  head = 0;
  for (const instance of ['a', 'b']) says(instance, 0);
  // The answer comes after everything that was said before.
  await bus.flush();
  expect(await receipts.waitFor(change(0))).toMatchObject({ gateways: 2, acknowledged: 2 });
});

describe('a receipt', () => {
  it('comes as soon as the last gateway has confirmed, and says how long that took', async () => {
    const receipt = receipts.waitFor(change(7));
    says('a', 7);
    setTimeout(() => says('b', 8), 200);
    const { slowest_ms, ...counts } = await receipt;
    expect(counts).toEqual({ gateways: 2, acknowledged: 2 });
    expect(slowest_ms).toBeGreaterThanOrEqual(190);
    expect(slowest_ms).toBeLessThan(1500);
  });

  it('comes after two seconds without the one that is silent, and says so', async () => {
    const started = performance.now();
    says('a', 7);
    const { gateways, acknowledged, slowest_ms } = await receipts.waitFor(change(7));
    expect({ gateways, acknowledged }).toEqual({ gateways: 2, acknowledged: 1 });
    expect(performance.now() - started).toBeGreaterThan(1900);
    expect(slowest_ms).toBeLessThan(1500);
  });

  it('does not wait for a gateway that has said goodbye', async () => {
    says('b', 3, true);
    says('a', 7);
    await bus.flush();
    expect(await receipts.waitFor(change(7))).toMatchObject({ gateways: 1, acknowledged: 1 });
  });

  it('of nothing changed still says who knows all that was changed before', async () => {
    head = 9;
    says('a', 9);
    expect(await receipts.waitFor(change(null))).toMatchObject({ gateways: 2, acknowledged: 1 });
  });
});
