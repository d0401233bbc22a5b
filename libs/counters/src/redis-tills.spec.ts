import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { USUAL_LEASES } from '#domain/budget/leases';
import type { FillAsk, ReserveAsk, SettleAsk, TillFacts } from '#domain/budget/reservation';
import { Till } from '#domain/budget/till';
import { Late, RedisTills } from './redis-tills.js';

/** The scripts with a clock that the test sets: they and the model live through the same minutes in no time. */
const TEST_CLOCK = `local now = tonumber(redis.call('GET', 'test:now'))`;
const START = 1_763_700_000_000;
const FOREVER = 8e15;

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
});

const small = fc.integer({ min: 0, max: 60 });
const flag = fc.boolean();
const maybe = (most: number) => fc.option(fc.integer({ min: 1, max: most }));
const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const buckets = fc.tuple(
  fc.option(fc.record({ id: fc.constantFrom('k/0', 'k/1'), window: fc.constant(0) }), { freq: 8 }),
  fc.option(fc.constantFrom({ id: 'k/0/1', window: 1 }, { id: 'k/0/2', window: 2 }, { id: 'k/0/3', window: 3 })),
  fc.constant(null),
  fc.constant(null),
  fc.option(fc.record({ id: fc.constant('o/USD'), window: fc.constant(0) })),
);
const reserve: fc.Arbitrary<ReserveAsk> = fc.record({
  request: names,
  run: fc.constantFrom('r1', 'r1', 'r1', 'r2'),
  revision: fc.constantFrom(1, 1, 1, 1, 2, 3),
  buckets,
  charged: fc.tuple(fc.constant(true), flag, flag, flag, flag),
  amount: small,
  tokens: small,
  rpm: maybe(8),
  tpm: maybe(200),
  parallel: maybe(4),
  memo: fc.constantFrom('', '{"model":"echo"}'),
  life: fc.constantFrom(undefined, undefined, 5000, 90_000),
});
const settle: fc.Arbitrary<Omit<SettleAsk, 'second'> & { ago: number }> = fc.record({
  request: names,
  held: fc.constantFrom(true, true, false),
  cost: small,
  ownKey: flag,
  ago: fc.integer({ min: -1, max: 63 }),
  requestsOff: fc.integer({ min: -2, max: 0 }),
  tokensOff: fc.integer({ min: -60, max: 60 }),
});
const filled = { granted: small, limit: fc.constant('500'), free: fc.constant('7'), outside: fc.constant('3') };
const fill = fc.record({
  run: fc.constantFrom('r1', 'r1', 'r2'),
  asked: fc.integer({ min: -1, max: 1 }),
  epoch: fc.integer({ min: -1, max: 2 }),
  lease: fc.integer({ min: 1, max: 90_000 }),
  revision: fc.constantFrom(1, 1, 1, 1, 2, 3),
  buckets,
  slots: fc.tuple(fc.record(filled), fc.record(filled), fc.record(filled), fc.record(filled), fc.record(filled)),
});
const ahead = fc.record({
  rpm: maybe(60),
  tpm: maybe(600),
  parallel: maybe(12),
  requests: fc.integer({ min: 0, max: 30 }),
  tokens: fc.integer({ min: 0, max: 300 }),
  holder: fc.constantFrom('g1', 'g2'),
  places: fc.integer({ min: 0, max: 6 }),
  corrections: fc.array(
    fc.record({
      ago: fc.integer({ min: -1, max: 63 }),
      requests: fc.integer({ min: -20, max: 0 }),
      tokens: fc.integer({ min: -200, max: 60 }),
    }),
    { maxLength: 3 },
  ),
});
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('reserve' as const), ask: reserve }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), ask: settle }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fill' as const), ask: fill }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ahead' as const), ask: ahead }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('extend' as const), ask: fc.uniqueArray(names) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take' as const), idle: fc.constantFrom(0, 5000) }) },
);
const waits = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 1500 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 50_000 }) },
);

describe('the tills in Redis', () => {
  it('do what the pure till does, step by step', async () => {
    let runs = 0;
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(waits, step), { minLength: 5, maxLength: 60 }), async (steps) => {
        const walk = new Walk(`key_${runs++}`, outcomes);
        for (const [wait, one] of steps) await walk.take(wait, one);
      }),
      { numRuns: 200 },
    );
    // A walk that never met one of these would have proved little.
    expect([...outcomes].sort()).toEqual(['ahead', 'changed', 'held', 'open', 'parallel', 'rpm', 'short', 'tpm']);
  }, 60_000);

  it('refuse a command that comes later than its sender waits', async () => {
    await redis.set('test:now', START);
    const [ask] = fc.sample(reserve, 1) as [ReserveAsk];
    await expect(tills.reserve('key_late', ask, START - 1)).rejects.toThrow(Late);
    const limits = { rpm: null, tpm: null, parallel: null };
    const ahead = { ...limits, requests: 5, tokens: 5, holder: 'g', has: 0, places: 0, corrections: [] };
    await expect(tills.ahead('key_late', ahead, START - 1)).rejects.toThrow(Late);
    expect(await tills.look('key_late')).toMatchObject({ live: 0, requests: 0 });
  });

  it('leave nothing behind for ever', async () => {
    await redis.set('test:now', START);
    const [ask] = fc.sample(reserve, 1) as [ReserveAsk];
    const bucket = { id: 'k/0', window: 0 };
    const slot = { ...bucket, granted: 100, limit: '100', free: '0', outside: '0' };
    await tills.fill('key_ttl', { run: 'r1', asked: 0, epoch: 1, leaseUntil: START + 1, revision: 1, slots: [slot] });
    const once = { ...ask, run: 'r1', revision: 1, buckets: [bucket], amount: 1, rpm: 9, tpm: 900, parallel: null };
    await tills.reserve('key_ttl', once, FOREVER);
    // In a later second: the one before is kept apart.
    await redis.set('test:now', START + 1000);
    await tills.reserve('key_ttl', { ...once, request: 'another' }, FOREVER);
    const kept = (await redis.keys('keyward:*')).sort();
    expect(kept).toHaveLength(3);
    for (const name of kept) expect(await redis.pttl(name)).toBeGreaterThan(60_000);
  });
});

type Step = typeof step extends fc.Arbitrary<infer Draw> ? Draw : never;
type AheadDraw = typeof ahead extends fc.Arbitrary<infer Draw> ? Draw : never;
type FillDraw = typeof fill extends fc.Arbitrary<infer Draw> ? Draw : never;

/** One till and its model, asked the same at the same moments. */
class Walk {
  private readonly model = new Till();
  private readonly held = new Set<string>();
  private readonly places = new Map<string, number>();
  private now = START;

  constructor(
    private readonly key: string,
    private readonly outcomes: Set<string>,
  ) {}

  async take(wait: number, one: Step): Promise<void> {
    this.now += wait;
    await redis.set('test:now', this.now);
    const { epoch } = this.model.look(this.now);
    if (one.do === 'reserve') await this.reserve(one.ask);
    else if (one.do === 'settle') await this.settle({ ...one.ask, second: Math.floor(this.now / 1000) - one.ask.ago });
    else if (one.do === 'fill') {
      const asked = fillOf(one.ask, epoch, this.now);
      expect(await tills.fill(this.key, asked)).toBe(this.model.fill(asked, this.now));
    } else if (one.do === 'ahead') await this.ahead(one.ask);
    else if (one.do === 'extend') {
      const life = this.now % 2 === 0 ? undefined : 20_000;
      const known = this.model.extend(one.ask, this.now, life);
      const { unknown } = await tills.extend(this.key, one.ask, life);
      expect(unknown).toEqual(one.ask.filter((request) => !known.includes(request)));
    } else {
      const slots = [true, false, false, false, true];
      const taken = await tills.take(this.key, epoch, slots, one.idle);
      expect(taken).toEqual(this.model.take(epoch, slots, one.idle, this.now));
    }
    expect(withoutCount(await tills.look(this.key))).toEqual(this.model.look(this.now));
  }

  private async reserve(asked: ReserveAsk): Promise<void> {
    if (this.held.has(asked.request)) return;
    const before = this.model.look(this.now).live;
    const expected = this.model.reserve(asked, this.now);
    expect(withoutCount(await tills.reserve(this.key, asked, FOREVER))).toEqual(expected);
    if (expected.outcome === 'held' && expected.live > before) this.held.add(asked.request);
    this.outcomes.add(
      expected.outcome === 'refill' ? expected.why : expected.outcome === 'limited' ? expected.by : 'held',
    );
  }

  private async ahead({ corrections, ...ask }: AheadDraw): Promise<void> {
    const second = Math.floor(this.now / 1000);
    const has = this.places.get(ask.holder) ?? 0;
    const told = corrections.map(({ ago, ...off }) => ({ ...off, second: second - ago }));
    const expected = this.model.ahead({ ...ask, has, corrections: told }, this.now);
    expect(await tills.ahead(this.key, { ...ask, has, corrections: told }, FOREVER)).toEqual(expected);
    this.places.set(ask.holder, expected.places);
    if (expected.requests > 0 && expected.places > 0) this.outcomes.add('ahead');
  }

  private async settle(asked: SettleAsk): Promise<void> {
    expect(await tills.settle(this.key, asked)).toBe(this.model.settle(asked, this.now));
    if (asked.held) this.held.delete(asked.request);
  }
}

/** Only a till that may be lost says when its count began. */
function withoutCount<T extends TillFacts>({ countedSince: _, ...facts }: T): Omit<T, 'countedSince'> {
  return facts;
}

function fillOf(given: FillDraw, epoch: number, now: number): FillAsk {
  const { run, revision, lease } = given;
  const slots = given.buckets.map((bucket, i) => {
    const money = given.slots[i];
    return bucket && money ? { ...bucket, ...money } : null;
  });
  const asked = Math.max(0, epoch + given.asked);
  return { run, asked, epoch: Math.max(1, epoch + given.epoch), leaseUntil: now + lease, revision, slots };
}
