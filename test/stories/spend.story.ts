import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import fc from 'fast-check';
import { type UsageEvent, UsageRpc } from '#contracts/usage';
import { newId } from '#domain/id';
import { formatMoney } from '#domain/money';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { publishUsage } from '#rpc/usage-stream';
import { eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let bus: NatsConnection;
let client: BusClient;
beforeAll(async () => {
  stack = await startStack();
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'test' });
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
});

const id = (kind: Parameters<typeof newId>[0]) => newId(kind, Date.now(), randomBytes(10));
const WINDOWS = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', null] as const;

const asked = { organization_id: id('organization'), project_id: id('project') };

function eventOf(key_id: string, cost: number, spend_epoch: number, window_start: string | null): UsageEvent {
  return {
    ...asked,
    key_id,
    spend_epoch,
    window_start,
    request_id: id('request'),
    secret_id: id('secret'),
    kind: 'final',
    at: '2026-01-02T03:04:05.000Z',
    endpoint: '/v1/chat/completions',
    model: 'echo',
    served_model: 'echo',
    provider: 'echo',
    own_key: false,
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
    prepaid: false,
    project_spend_epoch: 0,
    project_window_start: null,
    hold: null,
    cost_nanos: String(cost),
    currency: 'USD',
    duration_ms: 1,
    first_byte_ms: 1,
  };
}

const usageOf = async (key_id: string, spend_epoch: number, window_start: string | null) => {
  const { keys } = await client.call(UsageRpc.getUsage, {
    organization_id: asked.organization_id,
    keys: [{ key_id, spend_epoch, window_start }],
  });
  return keys[0];
};

/** Tells of the requests in up to three rounds: some of them again, and again. */
async function tell(requests: readonly { event: UsageEvent; told: number }[]): Promise<void> {
  for (const round of [1, 2, 3]) {
    const batch = requests.filter(({ told }) => told >= round).map(({ event }) => event);
    if (batch.length) await publishUsage(bus, randomUUID(), { events: batch });
  }
}

function sumOf(events: readonly UsageEvent[]): string {
  return formatMoney(events.reduce((sum, event) => sum + BigInt(event.cost_nanos), 0n));
}

function expected(events: readonly UsageEvent[], epoch: number, window: string | null) {
  const inEpoch = events.filter((event) => event.spend_epoch === epoch);
  const inWindow = inEpoch.filter((event) => window !== null && event.window_start === window);
  return { requests: events.length, cost: sumOf(events), spent: sumOf(inEpoch), period_spent: sumOf(inWindow) };
}

describe('what a key has spent', () => {
  it('is the sum of its requests, by reset and by window, however often each was told', async () => {
    const requests = fc.record({
      cost: fc.nat(1_000_000_000),
      epoch: fc.nat(2),
      window: fc.constantFrom(...WINDOWS),
      told: fc.integer({ min: 1, max: 3 }),
    });
    const property = fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: 20 }), async (made) => {
      const key = id('key');
      const told = made.map(({ cost, epoch, window, told }) => ({ event: eventOf(key, cost, epoch, window), told }));
      const events = told.map(({ event }) => event);
      await tell(told);
      await eventually(
        () => usageOf(key, 0, null),
        (usage) => usage?.requests === events.length,
      );
      for (const epoch of [0, 1, 2, 3])
        for (const window of WINDOWS)
          expect(await usageOf(key, epoch, window)).toMatchObject(expected(events, epoch, window));
    });
    await fc.assert(property, { numRuns: 10, endOnFailure: true });
  });

  it('is nobody else’s to see: another tenant is told of zeros', async () => {
    const key = id('key');
    await publishUsage(bus, randomUUID(), { events: [eventOf(key, 5_000_000_000, 0, WINDOWS[0])] });
    await eventually(
      () => usageOf(key, 0, WINDOWS[0]),
      (usage) => usage?.period_spent === '5.00',
    );
    const other = { organization_id: id('organization'), keys: [{ key_id: key, window_start: WINDOWS[0] }] };
    const { keys } = await client.call(UsageRpc.getUsage, other);
    expect(keys[0]).toMatchObject({
      requests: 0,
      cost: '0.00',
      spent: '0.00',
      period_spent: '0.00',
      last_used_at: null,
    });
  });
});
