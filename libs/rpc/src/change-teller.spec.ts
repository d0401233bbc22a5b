import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { testBus } from '../../../test/bus.js';
import { eventually } from '../../../test/eventually.js';
import { ChangeTeller } from './change-teller.js';
import { connectBus } from './connect.js';
import { onBeat } from './heartbeat.js';

let bus: NatsConnection;
beforeAll(async () => {
  bus = await connectBus({ url: testBus().url, name: 'keys' });
});
afterAll(() => bus.close());

it('a head that nobody could read yet is not told: 0 would mean that the revisions have begun anew', async () => {
  const told: number[] = [];
  const stop = onBeat(bus, 'letters', ({ revision }) => told.push(revision));
  let isAway = true;
  const head = async () => {
    if (isAway) throw new Error('Connection terminated unexpectedly');
    return 7;
  };
  const untold = { head, waiting: async () => [], publish: async () => {}, markTold: async () => {} };
  const teller = new ChangeTeller({ bus, beats: 'letters', untold, now: Date.now });
  await teller.start();
  await bus.flush();
  expect(told).toEqual([]);
  isAway = false;
  await eventually(
    async () => told[0],
    (revision) => revision !== undefined,
  );
  await teller.stop();
  stop();
  expect(told[0]).toBe(7);
});
