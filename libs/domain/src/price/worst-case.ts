import { NANOS_PER_UNIT, type Nanos } from '#domain/money';
import { cacheWriteRate, costFor, hourWriteRate, type Price, type Rates } from './cost.js';

/** What a call can use at most. */
export interface Bounds {
  readonly input: number;
  /** Of each answer. */
  readonly output: number;
  readonly choices: number;
  /** It may put something into the provider’s cache for an hour. */
  readonly writesForAnHour: boolean;
}

/**
 * The most a call can cost: every token of input at the dearest rate that any of them can have, every token of output at
 * the dearest that its input can lead to. Rounded like a cost, so that no cost within the bounds is more.
 */
export function worstCost(bounds: Bounds, price: Price, rate: Nanos = NANOS_PER_UNIT): Nanos {
  const { tiers = [] } = price;
  let input = dearestInput(price, bounds.writesForAnHour);
  let { output } = price;
  for (const tier of tiers) {
    if (bounds.input <= tier.above) continue;
    input = larger(input, dearestInput(tier, bounds.writesForAnHour));
    output = larger(output, tier.output);
  }
  return costFor(BigInt(bounds.input) * input + BigInt(bounds.choices) * BigInt(bounds.output) * output, rate);
}

function dearestInput(rates: Rates, writesForAnHour: boolean): Nanos {
  const usual = larger(larger(rates.input, rates.cachedInput), cacheWriteRate(rates));
  return writesForAnHour ? larger(usual, hourWriteRate(rates)) : usual;
}

function larger(a: Nanos, b: Nanos): Nanos {
  return a > b ? a : b;
}
