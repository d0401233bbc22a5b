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

class Gateway {
  readonly allotment = new Allotment();
  /** Asked for, and not answered yet. */
  readonly coming: { at: number; allotted: Parameters<Allotment['add']>[0] }[] = [];

  constructor(readonly skew: number) {}
}

function walk(steps: Step[], limit: number) {
  const minute = new SlidingMinute();
  const gateways = [new Gateway(0), new Gateway(-5000), new Gateway(7777)];
  const log: number[] = [];
  let ahead = 0;
  let now = START;
  for (const { wait, gateway: i, do: what, wanted, way } of steps) {
    now += wait;
    const gateway = gateways[i] as Gateway;
    const mine = now + gateway.skew;
    for (const { at, allotted } of gateway.coming.splice(0))
      if (at <= now) gateway.allotment.add(allotted);
      else gateway.coming.push({ at, allotted });
    if (what === 'ahead') {
      for (const { second, requests } of gateway.allotment.owed(mine)) minute.correct(now, second, requests);
      const requests = inAdvance(limit, minute.at(now), wanted);
      if (requests === 0) continue;
      const second = minute.add(now, requests);
      // It was on its way here for a part of the time, and the answer is for the rest.
      gateway.coming.push({
        at: now + way,
        allotted: { askedAt: mine - way, now, second, requests, tokens: requests * 10 },
      });
    } else if (what === 'admit') {
      if (gateway.allotment.take(mine, 10) !== null) {
        log.push(now);
        ahead++;
      } else if (minute.at(now) + 1 <= limit) {
        minute.add(now, 1);
        log.push(now);
      }
    } else gateway.allotment.correct(Math.floor(now / 1000), 0, -wanted);
  }
  return { log, ahead };
}

describe('what is counted in advance', () => {
  it('never lets more than the limit into any 60 seconds, over any number of gateways', () => {
    let inAdvanceOnly = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 50, maxLength: 300 }),
        fc.integer({ min: 4, max: 60 }),
        (steps, limit) => {
          const { log, ahead } = walk(steps, limit);
          inAdvanceOnly += ahead;
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
    expect(allotment.owed(100 + 599)).toEqual([{ second: START / 1000, requests: -1, tokens: -10 }]);
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
