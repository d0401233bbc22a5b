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
  const reachable: readonly Rates[] = [price, ...(price.tiers ?? []).filter(({ above }) => bounds.input > above)];
  const input = most(reachable.map((rates) => dearestInput(rates, bounds.writesForAnHour)));
  const output = most(reachable.map((rates) => rates.output));
  return costFor(BigInt(bounds.input) * input + BigInt(bounds.choices) * BigInt(bounds.output) * output, rate);
}

function dearestInput(rates: Rates, writesForAnHour: boolean): Nanos {
  const usual = most([rates.input, rates.cachedInput, cacheWriteRate(rates)]);
  return writesForAnHour ? most([usual, hourWriteRate(rates)]) : usual;
}

function most(rates: readonly Nanos[]): Nanos {
  return rates.reduce((dearest, rate) => (rate > dearest ? rate : dearest), 0n);
}
