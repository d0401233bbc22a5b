import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Allotment, inAdvance } from './allotment.js';
import { SlidingMinute } from './sliding-minute.js';

const START = 1_763_700_000_000;
const MINUTE = 60_000;

/** Some gateways that ask one by one or in advance, whose clocks differ, and whose answers take their time. */
const step = fc.record({
  wait: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 400 }) }, fc.integer({ min: 0, max: 30_000 })),
  gateway: fc.integer({ min: 0, max: 2 }),
  do: fc.constantFrom('ahead', 'admit', 'admit', 'admit', 'settle'),
  wanted: fc.integer({ min: 1, max: 40 }),
  way: fc.integer({ min: 0, max: 300 }),
});

type Step = typeof step extends fc.Arbitrary<infer Draw> ? Draw : never;

/** One clock that counts, and the gateways that ask it. */
class World {
  readonly log: number[] = [];
  ahead = 0;
  private now = START;
  private readonly minute = new SlidingMinute();
  private readonly gateways = [0, -5000, 7777].map((skew) => ({
    skew,
    allotment: new Allotment(),
    /** Asked for, and not answered yet. */
    coming: [] as { at: number; allotted: Parameters<Allotment['add']>[0] }[],
  }));

  constructor(private readonly limit: number) {}

  take({ wait, gateway: i, do: what, wanted, way }: Step): void {
    this.now += wait;
    const gateway = this.gateways[i] as (typeof this.gateways)[number];
    for (const each of gateway.coming.splice(0))
      if (each.at <= this.now) gateway.allotment.add(each.allotted);
      else gateway.coming.push(each);
    if (what === 'ahead') this.askAhead(gateway, wanted, way);
    else if (what === 'admit') this.admit(gateway);
    else gateway.allotment.correct(Math.floor(this.now / 1000), 0, -wanted);
  }

  private askAhead({ allotment, skew, coming }: (typeof this.gateways)[number], wanted: number, way: number): void {
    const { now, minute, limit } = this;
    for (const { second, requests } of allotment.owed(now + skew)) minute.correct(now, second, requests);
    const requests = inAdvance(limit, minute.at(now), wanted);
    if (requests === 0) return;
    const second = minute.add(now, requests);
    // A part of the way was there, and the other is back.
    const allotted = { askedAt: now + skew - way, now, second, requests, tokens: requests * 10 };
    coming.push({ at: now + way, allotted });
  }

  private admit({ allotment, skew }: (typeof this.gateways)[number]): void {
    const { now, minute, limit, log } = this;
    const isAhead = allotment.take(now + skew, 10) !== null;
    if (!isAhead && minute.at(now) + 1 > limit) return;
    if (isAhead) this.ahead++;
    else minute.add(now, 1);
    log.push(now);
  }
}

describe('what is counted in advance', () => {
  it('never lets more than the limit into any 60 seconds, over any number of gateways', () => {
    let inAdvanceOnly = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 50, maxLength: 300 }),
        fc.integer({ min: 4, max: 60 }),
        (steps, limit) => {
          const world = new World(limit);
          for (const each of steps) world.take(each);
          const { log } = world;
          inAdvanceOnly += world.ahead;
          for (const [i, at] of log.entries()) {
            const within = log.slice(0, i + 1).filter((one) => one > at - MINUTE);
            expect(within.length).toBeLessThanOrEqual(limit);
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(inAdvanceOnly).toBeGreaterThan(100);
  });

  it('comes to an end with the second it was counted in, and what is left of it is owed', () => {
    const allotment = new Allotment();
    allotment.add({ askedAt: 100, now: START + 400, second: START / 1000, requests: 3, tokens: 30 });
    expect(allotment.take(100, 10)).toBe(START / 1000);
    expect(allotment.left).toEqual({ requests: 2, tokens: 20 });
    // 600 ms after it was counted the next second begins; it was counted at the earliest when it was asked for.
    expect(allotment.take(100 + 598, 10)).toBe(START / 1000);
    expect(allotment.take(100 + 599, 10)).toBeNull();
    // Nobody has used it, and until the cells are told they count it all the same.
    expect(allotment.left).toEqual({ requests: 1, tokens: 10 });
    expect(allotment.owed(100 + 599)).toEqual([{ second: START / 1000, requests: -1, tokens: -10 }]);
    expect(allotment.left).toEqual({ requests: 0, tokens: 0 });
    expect(allotment.owed(100 + 599)).toEqual([]);
  });

  it('does not let in what takes more tokens than are left of it', () => {
    const allotment = new Allotment();
    allotment.add({ askedAt: 0, now: START, second: START / 1000, requests: 3, tokens: 15 });
    expect(allotment.take(1, 16)).toBeNull();
    expect(allotment.take(1, 15)).toBe(START / 1000);
    expect(allotment.take(1, 1)).toBeNull();
  });

  it('tells of a second once, however many corrections there were', () => {
    const allotment = new Allotment();
    allotment.correct(7, 0, 5);
    allotment.correct(7, -1, -2);
    allotment.correct(8, 0, 0);
    expect(allotment.isOwing(0)).toBe(true);
    expect(allotment.owed(0)).toEqual([{ second: 7, requests: -1, tokens: 3 }]);
    expect(allotment.isOwing(0)).toBe(false);
  });
});

describe('how much is counted in advance', () => {
  it.each([
    ['of no limit all that is wanted', null, 1e9, 50, 50],
    ['half of what is left of three quarters', 100, 15, 50, 30],
    ['no more than is wanted', 1000, 0, 50, 50],
    ['nothing in the last quarter', 100, 75, 50, 0],
    ['nothing beyond', 100, 120, 50, 0],
  ])('is %s', (_, limit, used, wanted, expected) => {
    expect(inAdvance(limit, used, wanted)).toBe(expected);
  });
});
