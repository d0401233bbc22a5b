import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { USUAL_LEASES } from '#domain/budget/leases';
import type { ReserveAsk } from '#domain/budget/reservation';
import { CELLS, type Counted } from '#domain/rate/sliding-minute';
import { toldMinute } from '#domain/rate/told-minute';
import { RedisTills } from './redis-tills.js';

const TEST_CLOCK = `local now = tonumber(redis.call('GET', 'test:now'))`;
const SECOND = 1_763_700_000;
const FIRST = SECOND - CELLS + 1;
const FOREVER = 8e15;
const NOTHING = { requests: [], tokens: [] };

let redis: Redis;
let tills: RedisTills;
beforeAll(() => {
  const url = new URL(process.env.KEYWARD_TEST_REDIS_URL ?? '');
  url.pathname = `/${20 + Number(process.env.JEST_WORKER_ID ?? 1)}`;
  redis = new Redis(url.href);
  tills = new RedisTills(redis, USUAL_LEASES, TEST_CLOCK);
});
afterAll(() => redis.disconnect());
beforeEach(async () => {
  await redis.flushdb();
  await redis.set('test:now', SECOND * 1000);
});

let count = 0;
const ask = (tokens: number): ReserveAsk => ({
  ...{ request: `r${++count}`, run: 'r', revision: 1, buckets: [null, null, null, null, null], memo: '' },
  ...{ charged: [true, true, true, true, false], amount: 0, tokens, rpm: 1000, tpm: 100_000, parallel: null },
});

async function letIn(key: string, cells: readonly Counted[]): Promise<void> {
  for (const { second, amount } of cells.toSorted((a, b) => a.second - b.second)) {
    await redis.set('test:now', second * 1000);
    for (let i = 0; i < amount; i++) await tills.reserve(key, ask(7), FOREVER);
  }
  await redis.set('test:now', SECOND * 1000);
}

const cells = fc.array(
  fc.record({ second: fc.integer({ min: FIRST, max: SECOND }), amount: fc.integer({ min: 1, max: 5 }) }),
  { maxLength: 6 },
);
const sum = (all: readonly Counted[]) => all.reduce((total, { amount }) => total + amount, 0);

describe('a count in Redis that is told what it may have forgotten', () => {
  it('counts on as the model says', async () => {
    let key = 0;
    await fc.assert(
      fc.asyncProperty(cells, cells, cells, async (there, known, own) => {
        const name = `key_${++key}`;
        await letIn(name, there);
        const once = (all: readonly Counted[]) => toldMinute([], [], all, SECOND);
        const { countedSince = 0 } = await tills.look(name);
        const told = toldMinute(there, known, own, SECOND);
        const all = { requests: once(known), tokens: once(known) };
        const facts = await tills.tell(name, countedSince, all, { requests: once(own), tokens: once(own) });
        expect(facts).toMatchObject({ requests: sum(told) });
        // What has left by a later second has left; the rest is there.
        const later = SECOND + 30;
        await redis.set('test:now', later * 1000);
        const left = told.filter(({ second }) => second > later - CELLS);
        expect(await tills.look(name)).toMatchObject({ requests: sum(left) });
      }),
      { numRuns: 60 },
    );
  });

  it('that was lost: of several who know of it the last one counts, and what was let in since as well', async () => {
    const known = (amount: number) => ({ requests: [{ second: SECOND - 9, amount }], tokens: [] });
    await letIn('key', [{ second: SECOND - 3, amount: 2 }]);
    const lost = (SECOND - 50) * 1000;
    expect(await tills.tell('key', lost, known(9), NOTHING)).toMatchObject({ requests: 11 });
    expect(await tills.tell('key', lost, known(7), NOTHING)).toMatchObject({ requests: 11 });
    await letIn('key', [{ second: SECOND, amount: 1 }]);
    expect(await tills.tell('key', lost, known(10), known(4))).toMatchObject({ requests: 17 });
    await redis.set('test:now', (SECOND - 9 + CELLS) * 1000);
    expect(await tills.look('key')).toMatchObject({ requests: 3 });
  });

  it('is another count once it was lost, and the same one for as long as it goes on', async () => {
    await tills.reserve('key', ask(1), FOREVER);
    const { countedSince } = await tills.look('key');
    expect(countedSince).toBe(SECOND * 1000);
    await redis.set('test:now', (SECOND + 5) * 1000);
    expect(await tills.reserve('key', ask(1), FOREVER)).toMatchObject({ countedSince });
    expect(await tills.tell('key', countedSince ?? 0, NOTHING, NOTHING)).toMatchObject({ requests: 2, countedSince });
    await redis.flushdb();
    await redis.set('test:now', (SECOND + 6) * 1000);
    expect(await tills.look('key')).toMatchObject({ requests: 0 });
    expect(await tills.reserve('key', ask(1), FOREVER)).toMatchObject({ countedSince: (SECOND + 6) * 1000 });
  });
});
