import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { USUAL_LEASES } from '#domain/budget/leases';
import { connectBus } from '#rpc/connect';
import { beat } from '#rpc/heartbeat';
import { testBus } from '../../../../test/bus.js';
import { LivingGateways } from './living-gateways.js';

let bus: NatsConnection;
beforeAll(async () => {
  bus = await connectBus({ url: testBus().url, name: 'test' });
});
afterAll(async () => {
  await bus?.close();
});

const START = 1_763_700_000_000;
const { hold } = USUAL_LEASES;
let now: number;
let gateways: LivingGateways;
beforeEach(() => {
  now = START - 5000;
  gateways = new LivingGateways(bus, USUAL_LEASES, () => now);
  now = START;
});
afterEach(() => gateways.stop());

async function heard(unsettled_since: number | null, more: object = {}): Promise<string> {
  const instance = randomUUID();
  beat(bus, { service: 'gateway', instance, revision: 1, sent_at: now, unsettled_since, ...more });
  await bus.flush();
  return instance;
}

describe('up to when the gateways have told of everything', () => {
  it('nobody knows before each of them could be heard', () => {
    now = START - 1;
    expect(gateways.toldUpTo()).toBeNull();
    now = START;
    expect(gateways.toldUpTo()).toBe(START - hold);
  });

  it('is not later than the oldest request that has ended and is not in the ledger', async () => {
    await heard(null);
    await heard(START - 100_000);
    await heard(START - 1000);
    expect(gateways.toldUpTo()).toBe(START - 100_000);
  });

  it('is a hold’s life ago: what was under way when it was said may have been broken off since', async () => {
    await heard(null);
    now += 2000;
    expect(gateways.toldUpTo()).toBe(START - hold);
  });

  it('is counted from when a beat was sent, however long it lay in a frozen server', async () => {
    await heard(null, { sent_at: START - 8000 });
    expect(gateways.toldUpTo()).toBe(START - 8000 - hold);
  });

  it('is not asked of who stopped in good order, or has died', async () => {
    const instance = await heard(START - 100_000);
    beat(bus, { service: 'gateway', instance, revision: 1, sent_at: now, leaving: true });
    await bus.flush();
    expect(gateways.toldUpTo()).toBe(START - hold);
    await heard(START - 10_000);
    now += 10_001;
    expect(gateways.toldUpTo()).toBe(now - hold);
  });

  it.each([
    ['left', { leaving: true }],
    ['fell silent', {}],
  ])('is asked of one that %s with what it could not tell, until somebody has its spool', async (_, more) => {
    const instance = await heard(START - 100_000, more);
    now += 120_000;
    expect(gateways.toldUpTo()).toBe(START - 100_000);
    await heard(START - 100_000, { took_over: [instance] });
    expect(gateways.toldUpTo()).toBe(START - 100_000);
    await heard(null);
    now += 601_000;
    expect(gateways.toldUpTo()).toBe(now - hold);
  });

  it('is asked of whoever took over a spool, and no more of whose it was', async () => {
    const instance = await heard(START - 100_000, { leaving: true });
    await heard(null, { took_over: [instance] });
    expect(gateways.toldUpTo()).toBe(START - hold);
  });
});
