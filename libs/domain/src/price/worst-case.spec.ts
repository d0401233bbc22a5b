import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseMoney } from '#domain/money';
import { costOf, type Price } from '#domain/price/cost';
import { worstCost } from '#domain/price/worst-case';

const usd = (text: string): bigint => parseMoney(text) ?? 0n;
const price: Price = { input: usd('3'), cachedInput: usd('0.3'), cacheWrite: usd('3.75'), output: usd('15') };
const bounds = { input: 1000, output: 200, choices: 2, writesForAnHour: false };

describe('the most a call can cost', () => {
  it('is all of its input at the dearest rate, and every answer to its cap', () => {
    // 1000 × $3.75/M + 2 × 200 × $15/M
    expect(worstCost(bounds, price)).toBe(usd('0.00975'));
    // For an hour: twice the input.
    expect(worstCost({ ...bounds, writesForAnHour: true }, price)).toBe(usd('0.012'));
  });

  it('takes a tier where its input may reach it, and not before', () => {
    const tiered = { ...price, tiers: [{ ...price, above: 1000, output: usd('100') }] };
    expect(worstCost(bounds, tiered)).toBe(worstCost(bounds, price));
    expect(worstCost({ ...bounds, input: 1001 }, tiered)).toBe(usd('0.04375375'));
  });

  it('is never less than what a call within the bounds costs, at any price, tier and rate', () => {
    const nanos = fc.bigInt(0n, usd('100'));
    const rates = {
      input: nanos,
      cachedInput: nanos,
      cacheWrite: fc.option(nanos, { nil: undefined }),
      output: nanos,
    };
    const tiers = fc.array(fc.record({ above: fc.nat(2000), ...rates }), { maxLength: 4 });
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    const property = fc.property(
      fc.record({ ...rates, tiers }),
      fc.record({
        input: fc.nat(2500),
        output: fc.nat(2500),
        choices: fc.integer({ min: 1, max: 8 }),
        writesForAnHour: fc.boolean(),
      }),
      fc.tuple(part, part, part, part, part),
      fc.bigInt(1n, usd('100')),
      (price, bounds, [read, cached, written, hour, said], rate) => {
        const input = Math.floor(read * bounds.input);
        const cachedInput = Math.floor(cached * input);
        const cacheWrite = Math.floor(written * (input - cachedInput));
        const usage = {
          input,
          cachedInput,
          cacheWrite,
          cacheWriteHour: bounds.writesForAnHour ? Math.floor(hour * cacheWrite) : 0,
          output: Math.floor(said * bounds.output * bounds.choices),
        };
        expect(costOf(usage, price, rate)).toBeLessThanOrEqual(worstCost(bounds, price, rate));
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });

  it('is what a call at its bounds costs, where there is one price for all of its input', () => {
    const flat: Price = { input: usd('2'), cachedInput: usd('1'), output: usd('8') };
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(100_000), (input, output) => {
        const bounds = { input, output, choices: 1, writesForAnHour: false };
        expect(worstCost(bounds, flat)).toBe(costOf({ input, cachedInput: 0, output }, flat));
      }),
    );
  });
});
