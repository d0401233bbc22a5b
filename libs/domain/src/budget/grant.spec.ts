import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { freeOf, grantOf, MOST_IN_A_TILL } from './grant.js';

const nanos = fc.oneof(fc.bigInt({ min: 0n, max: 1000n }), fc.bigInt({ min: 0n, max: 10n ** 17n }));
const account = fc.record({ limit: nanos, settled: nanos, granted: nanos });
const ask = fc.record({ need: nanos, want: nanos, outstanding: nanos, shared: fc.boolean() });
/** With a need that is free. */
const needy = fc
  .record({ need: nanos, spare: nanos, settled: nanos, granted: nanos, want: nanos, shared: fc.boolean() })
  .map(({ need, spare, settled, granted, ...asked }) => ({
    bucket: { limit: settled + granted + need + spare, settled, granted },
    asked: { ...asked, need, outstanding: 0n },
  }));

describe('a grant', () => {
  it('is never more than is free, and never takes anything away', () => {
    fc.assert(
      fc.property(account, ask, (bucket, asked) => {
        const amount = grantOf(bucket, asked);
        const free = freeOf(bucket);
        expect(amount).toBeGreaterThanOrEqual(0n);
        expect(amount).toBeLessThanOrEqual(free > 0n ? free : 0n);
      }),
    );
  });

  it('covers the need wherever that is free, and a till can count it', () => {
    fc.assert(
      fc.property(needy, ({ bucket, asked }) => {
        const countable = asked.need < MOST_IN_A_TILL ? asked.need : MOST_IN_A_TILL;
        expect(grantOf(bucket, asked)).toBeGreaterThanOrEqual(countable);
      }),
    );
  });

  it('never makes a till hold more than it can count exactly', () => {
    fc.assert(
      fc.property(account, ask, (bucket, asked) => {
        const outstanding = asked.outstanding % MOST_IN_A_TILL;
        expect(outstanding + grantOf(bucket, { ...asked, outstanding })).toBeLessThanOrEqual(MOST_IN_A_TILL);
      }),
    );
  });

  it.each([
    ['the need, where it is the most', { need: 300n, want: 10n }, 300n],
    ['what would last, where that is more', { need: 3n, want: 100n }, 100n],
    ['a 64th of the limit at least', { need: 3n, want: 4n }, 10n],
    ['what is left, where that is less', { need: 900n, want: 900n }, 400n],
    ['nothing, where only the lease is renewed', { need: 0n, want: 0n }, 0n],
    ['an eighth of what is free beyond the need, where many share', { need: 3n, want: 400n, shared: true }, 50n],
    [
      'the need alone, where the till has four slices that it has not settled',
      { need: 3n, want: 4n, outstanding: 40n },
      3n,
    ],
    ['the need, also where many share', { need: 300n, want: 400n, shared: true }, 300n],
  ])('is %s', (_, asked, amount) => {
    const bucket = { limit: 640n, settled: 200n, granted: 40n };
    expect(grantOf(bucket, { outstanding: 0n, shared: false, ...asked })).toBe(amount);
  });

  it('leaves most of a limit free, however often the answer to a till is lost', () => {
    const bucket = { limit: 6400n, settled: 0n };
    let granted = 0n;
    for (let ask = 0; ask < 50; ask++)
      granted += grantOf({ ...bucket, granted }, { need: 1n, want: 1n, outstanding: granted, shared: false });
    expect(granted).toBeLessThan(640n);
  });
});
