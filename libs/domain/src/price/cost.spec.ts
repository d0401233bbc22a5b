import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseMoney } from '#domain/money';
import { costOf, type Price, type Tier } from '#domain/price/cost';

const usd = (text: string): bigint => parseMoney(text) ?? 0n;
const price: Price = { input: usd('0.15'), cachedInput: usd('0.075'), output: usd('0.6') };

describe('the cost of a call', () => {
  it('is tokens times price per million, cached input at its own price', () => {
    // 1000 × $0.15/M = $0.00015 of which 400 cached at half; 500 × $0.60/M = $0.0003
    expect(costOf({ input: 1000, cachedInput: 400, output: 500 }, price)).toBe(usd('0.00042'));
  });

  it('rounds once, half up', () => {
    const tiny: Price = { input: 500_000n, cachedInput: 0n, output: 499_999n };
    expect(costOf({ input: 1, cachedInput: 0, output: 0 }, tiny)).toBe(1n);
    expect(costOf({ input: 0, cachedInput: 0, output: 1 }, tiny)).toBe(0n);
    expect(costOf({ input: 1, cachedInput: 0, output: 1 }, tiny)).toBe(1n);
  });

  it('never falls when usage grows', () => {
    const tokens = fc.nat(2_000_000);
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, (input, output, moreIn, moreOut) => {
        const less = costOf({ input, cachedInput: 0, output }, price);
        expect(
          costOf({ input: input + moreIn, cachedInput: 0, output: output + moreOut }, price),
        ).toBeGreaterThanOrEqual(less);
      }),
    );
  });

  it('takes no more cached tokens than there were input tokens', () => {
    expect(costOf({ input: 10, cachedInput: 99, output: 0 }, price)).toBe(
      costOf({ input: 10, cachedInput: 10, output: 0 }, price),
    );
  });

  it('takes what was put into the cache at its own price, or like other input where it has none', () => {
    const usage = { input: 1000, cachedInput: 400, cacheWrite: 100, output: 0 };
    // 500 at $0.15/M, 400 at half of it, 100 at $0.1875/M
    expect(costOf(usage, { ...price, cacheWrite: usd('0.1875') })).toBe(usd('0.00012375'));
    expect(costOf(usage, price)).toBe(costOf({ ...usage, cacheWrite: 0 }, price));
    // Never more parts than the whole.
    expect(costOf({ input: 10, cachedInput: 4, cacheWrite: 99, output: 0 }, { ...price, cacheWrite: 0n })).toBe(
      costOf({ input: 4, cachedInput: 4, output: 0 }, price),
    );
  });

  it('takes what stays in the cache for an hour at twice the input, and never below a write for five minutes', () => {
    const usage = { input: 1000, cachedInput: 400, cacheWrite: 100, cacheWriteHour: 60, output: 0 };
    // 500 at $0.15/M, 400 at half of it, 40 at $0.1875/M, 60 at twice
    expect(costOf(usage, { ...price, cacheWrite: usd('0.1875') })).toBe(usd('0.0001305'));
    expect(costOf(usage, { ...price, cacheWrite: usd('1') })).toBe(
      costOf({ ...usage, cacheWriteHour: 0 }, { ...price, cacheWrite: usd('1') }),
    );
    expect(costOf(usage, { input: 0n, cachedInput: 0n, output: 0n })).toBe(0n);
    // Never more parts than the whole.
    expect(costOf({ ...usage, cacheWriteHour: 999 }, price)).toBe(costOf({ ...usage, cacheWriteHour: 100 }, price));
  });

  describe('in tiers', () => {
    const tiered: Price = {
      ...price,
      tiers: [
        { above: 1_000_000, input: usd('0.6'), cachedInput: usd('0.3'), output: usd('2.4') },
        { above: 200_000, input: usd('0.3'), cachedInput: usd('0.15'), output: usd('0.9') },
      ],
    };
    const only = ({ input, cachedInput, output }: Price): Price => ({ input, cachedInput, output });

    it.each([
      ['at the first tier’s start', 200_000, tiered],
      ['one token above it', 200_001, tiered.tiers?.[1]],
      ['at the second’s', 1_000_000, tiered.tiers?.[1]],
      ['one token above that', 1_000_001, tiered.tiers?.[0]],
    ])('the whole request is charged at one tier’s rates: %s', (_, input, rates) => {
      const usage = { input, cachedInput: 150_000, output: 777 };
      expect(costOf(usage, tiered)).toBe(costOf(usage, only(rates as Price)));
    });

    it('never falls when usage grows, where no tier is cheaper than the one before', () => {
      const rates = fc.record({
        input: fc.bigInt(0n, usd('10')),
        cachedInput: fc.bigInt(0n, usd('10')),
        output: fc.bigInt(0n, usd('10')),
      });
      const steps = fc.array(fc.record({ length: fc.integer({ min: 1, max: 50 }), dearer: rates }), { maxLength: 4 });
      const tokens = fc.nat(100);
      const property = fc.property(rates, steps, tokens, tokens, tokens, tokens, (base, steps, ...counts) => {
        const [input, output, moreIn, moreOut] = counts;
        const tiers: Tier[] = [];
        for (const { length, dearer } of steps) {
          const before = tiers.at(-1) ?? { above: 0, ...base };
          tiers.push({
            above: before.above + length,
            input: before.input + dearer.input,
            cachedInput: before.cachedInput + dearer.cachedInput,
            output: before.output + dearer.output,
          });
        }
        const less = costOf({ input, cachedInput: 0, output }, { ...base, tiers });
        const more = costOf({ input: input + moreIn, cachedInput: 0, output: output + moreOut }, { ...base, tiers });
        expect(more).toBeGreaterThanOrEqual(less);
      });
      fc.assert(property);
    });
  });

  it('in another currency is converted before it is rounded, to the nano', () => {
    // One token is 0.5 nano-dollars, which would round to 1: at 88 rupees it is 44, and not 88.
    const tiny: Price = { input: 500_000n, cachedInput: 0n, output: 0n };
    expect(costOf({ input: 1, cachedInput: 0, output: 0 }, tiny, usd('88'))).toBe(44n);
    expect(costOf({ input: 1000, cachedInput: 400, output: 500 }, price, usd('83.123456789'))).toBe(34_911_852n);
  });

  it('at a rate of one is what it is without', () => {
    const tokens = fc.nat(2_000_000);
    fc.assert(
      fc.property(tokens, tokens, tokens, (input, cachedInput, output) => {
        const usage = { input, cachedInput, output };
        expect(costOf(usage, price, usd('1'))).toBe(costOf(usage, price));
      }),
    );
  });
});
