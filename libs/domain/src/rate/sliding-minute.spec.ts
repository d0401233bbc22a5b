import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shareOf } from './share.js';
import { SlidingMinute } from './sliding-minute.js';

const START = 1_763_700_000_000;
const MINUTE = 60_000;

/** Steps of time, mostly small, sometimes longer than the window. */
const traffic = fc.array(
  fc.record({
    wait: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 20_000 }), fc.constant(61_000)),
    amount: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 1, maxLength: 200 },
);
const limits = fc.integer({ min: 1, max: 30 });

/** Admits what fits, as a gateway does. */
function admitted(steps: { wait: number; amount: number }[], limit: number) {
  const minute = new SlidingMinute();
  const log: { at: number; amount: number }[] = [];
  let now = START;
  for (const { wait, amount } of steps) {
    now += wait;
    if (minute.at(now) + amount > limit) continue;
    minute.add(now, amount);
    log.push({ at: now, amount });
  }
  return { minute, log, now };
}

describe('a sliding minute', () => {
  it('never lets more than the limit into any 60 seconds', () => {
    fc.assert(
      fc.property(traffic, limits, (steps, limit) => {
        const { log } = admitted(steps, limit);
        for (const { at } of log) {
          const within = log.filter((one) => one.at > at - MINUTE && one.at <= at);
          expect(within.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('counts as the log of all seconds does', () => {
    fc.assert(
      fc.property(traffic, limits, (steps, limit) => {
        const { minute, log, now } = admitted(steps, limit);
        const oldest = Math.floor(now / 1000) - 60;
        const expected = log.filter(({ at }) => Math.floor(at / 1000) >= oldest);
        expect(minute.at(now)).toBe(expected.reduce((sum, { amount }) => sum + amount, 0));
      }),
    );
  });

  it('says when again: then it fits, and a second earlier it does not', () => {
    fc.assert(
      fc.property(traffic, limits, fc.integer({ min: 1, max: 30 }), (steps, limit, amount) => {
        fc.pre(amount <= limit);
        const { minute, now } = admitted(steps, limit);
        const at = minute.retryAt(now, amount, limit);
        if (at === null) throw new Error('what is within the limit fits at some time');
        if (at === now) return expect(minute.at(now) + amount).toBeLessThanOrEqual(limit);
        const seconds = Math.ceil((at - now) / 1000);
        expect(minute.at(now + (seconds - 1) * 1000) + amount).toBeGreaterThan(limit);
        expect(minute.at(now + seconds * 1000) + amount).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('never says when for what is above the limit alone', () => {
    expect(new SlidingMinute().retryAt(START, 11, 10)).toBeNull();
  });

  it('corrects a second that still counts, not below nothing, and leaves one alone that does not', () => {
    const minute = new SlidingMinute();
    const second = minute.add(START, 10);
    minute.correct(START + 60_000, second, -4);
    expect(minute.at(START + 60_000)).toBe(6);
    minute.correct(START + 60_000, second, -100);
    expect(minute.at(START + 60_000)).toBe(0);
    minute.correct(START + 61_000, second, 50);
    expect(minute.at(START + 61_000)).toBe(0);
  });

  it('does not follow a clock that goes back', () => {
    const minute = new SlidingMinute();
    minute.add(START, 3);
    expect(minute.at(START - 120_000)).toBe(3);
  });
});

describe('shares', () => {
  it('are exactly the limit together, and differ by one at most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 9 }),
        (limit, all) => {
          const shares = all.map((me) => shareOf(limit, me, all));
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(limit);
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('are the whole for one that is alone, or that nobody has heard of yet', () => {
    expect(shareOf(7, 'me', [])).toBe(7);
    expect(shareOf(7, 'me', ['other'])).toBe(4);
  });
});
