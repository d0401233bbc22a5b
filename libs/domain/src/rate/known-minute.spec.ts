import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KnownMinute } from './known-minute.js';
import { sharesOf } from './share.js';
import { CELLS, type Counted } from './sliding-minute.js';
import { toldMinute } from './told-minute.js';

const START = 1_763_700_000_000;
const first = (now: number) => Math.floor(now / 1000) - CELLS + 1;
const since = (cells: readonly Counted[], second: number) =>
  cells.reduce((sum, cell) => (cell.second >= second ? sum + cell.amount : sum), 0);

/** What is admitted by everybody, and at which of those moments somebody is told the sum. */
const traffic = fc.array(
  fc.record({
    wait: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 20_000 }), fc.constant(61_000)),
    amount: fc.integer({ min: 0, max: 9 }),
    isTold: fc.boolean(),
  }),
  { minLength: 1, maxLength: 120 },
);
const cells = fc.array(
  fc.record({ second: fc.integer({ min: 100, max: 170 }), amount: fc.integer({ min: 1, max: 9 }) }),
);
const byAge = (all: Counted[]) => all.toSorted((a, b) => a.second - b.second);

describe('a minute known by its sums', () => {
  it('is what was told, and never forgets before the real minute does', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 0, max: 70_000 }), (steps, later) => {
        const known = new KnownMinute();
        const log: Counted[] = [];
        let told: Counted[] = [];
        let now = START;
        for (const { wait, amount, isTold } of steps) {
          now += wait;
          log.push({ second: Math.floor(now / 1000), amount });
          if (!isTold) continue;
          told = [...log];
          known.saw(now, since(log, first(now)));
          expect(since(known.at(now), first(now))).toBe(since(log, first(now)));
        }
        now += later;
        expect(since(known.at(now), 0)).toBeGreaterThanOrEqual(since(told, first(now)));
      }),
    );
  });
});

describe('the share of a minute', () => {
  it('is, over all that have one, all of it, from every second on', () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 5 }), (all, many) => {
        const minute = byAge(all);
        const names = Array.from({ length: many }, (_, i) => `gateway ${i}`);
        const shares = names.map((name) => sharesOf(minute, name, names));
        for (const share of shares) for (const { amount } of share) expect(amount).toBeGreaterThanOrEqual(0);
        for (const { second } of minute)
          expect(shares.reduce((sum, share) => sum + since(share, second), 0)).toBe(since(minute, second));
      }),
    );
  });
});

describe('a minute that is told what it may have forgotten', () => {
  it('has as much as it had, as much as was known, and what only the teller had, from every second on', () => {
    fc.assert(
      fc.property(cells, cells, cells, (minute, known, own) => {
        const told = toldMinute(minute, known, own, 170);
        for (let second = 100; second <= 170; second++)
          expect(since(told, second)).toBe(Math.max(since(minute, second), since(known, second)) + since(own, second));
      }),
    );
  });
});
