import { describe, expect, it } from '@jest/globals';
import { USUAL_LEASES } from '#domain/budget/leases';
import type { ReserveAsk } from '#domain/budget/reservation';
import { MemoryTills } from './memory-tills.js';

const BUCKETS = [{ id: 'k/0', window: 0 }, null, null, null, null];
const ask = (request: string): ReserveAsk => ({
  ...{ request, run: 'me', revision: 1, buckets: BUCKETS, charged: [true, true, true, true, false], memo: '' },
  ...{ amount: 10, tokens: 0, rpm: null, tpm: null, parallel: null },
});
const settled = { held: true, cost: 4, ownKey: false, second: 0, requestsOff: 0, tokensOff: 0 };

const NO_RATES = {
  carrying: () => '',
  carried: () => ({ requests: [], tokens: [] }),
  admitted: () => {},
  corrected: () => {},
};

async function spentFrom(now: () => number): Promise<MemoryTills> {
  const tills = new MemoryTills('me', USUAL_LEASES, NO_RATES, now);
  const slot = { id: 'k/0', window: 0, granted: 100, limit: '100', free: '0', outside: '0' };
  const filled = [slot, null, null, null, null];
  const lease = { asked: 0, epoch: 7, leaseUntil: now() + 60_000 };
  await tills.fill('key', { run: 'me', revision: 1, ...lease, slots: filled });
  expect((await tills.reserve('key', ask('a'))).outcome).toBe('held');
  return tills;
}

describe('the tills of this process', () => {
  it('go when their lease is over, with what was left in them, and not while a request holds something', async () => {
    let now = 1_763_700_000_000;
    const tills = await spentFrom(() => now);
    now += 130_000;
    tills.sweep();
    expect(tills.size).toBe(1);
    await tills.settle('key', { request: 'a', ...settled });
    tills.sweep();
    expect(tills.size).toBe(0);
  });
});
