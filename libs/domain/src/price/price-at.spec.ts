import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceAt, type TimedPrice } from '#domain/price/price-at';

const at = (input: bigint) => ({ input, cachedInput: input, output: input });
const history: readonly TimedPrice[] = [
  { from: null, price: at(1n) },
  { from: 1000, price: at(2n) },
  { from: 2000, price: null },
  { from: 3000, price: at(0n) },
];

describe('the price of a moment', () => {
  it.each([
    [0, at(1n)],
    [999, at(1n)],
    [1000, at(2n)],
    [1999, at(2n)],
    [2000, null],
    [3000, at(0n)],
    [9e12, at(0n)],
  ])('at %i is the newest that has begun', (now, price) => {
    expect(priceAt(history, now)).toEqual(price);
  });

  it('is the same in whatever order they are written', () => {
    const property = fc.property(fc.shuffledSubarray([...history], { minLength: 4 }), fc.nat(4000), (shuffled, now) => {
      expect(priceAt(shuffled, now)).toEqual(priceAt(history, now));
    });
    fc.assert(property);
  });

  it('is none before the first, and none where there is none', () => {
    expect(priceAt([{ from: 1000, price: at(1n) }], 999)).toBeNull();
    expect(priceAt([], 0)).toBeNull();
  });
});
