import { NANOS_PER_UNIT, type Nanos } from '#domain/money';

/** What a provider says a call used. `input` includes `cachedInput` and `cacheWrite`, which are apart from each other. */
export interface TokenUsage {
  readonly input: number;
  readonly cachedInput: number;
  /** Input that was put into the provider's cache, for which some of them charge extra. */
  readonly cacheWrite?: number;
  /** The part of `cacheWrite` that stays there for an hour, for which Anthropic charges more still. */
  readonly cacheWriteHour?: number;
  readonly output: number;
  /** The part of `output` that was thought and not said: told apart for who looks, and priced like the rest. */
  readonly reasoning?: number;
}

/** Nano-units for a million tokens: $1 per million is 1,000,000,000, so that prices below a nano per token stay exact. */
export interface Rates {
  readonly input: Nanos;
  readonly cachedInput: Nanos;
  /** Where it is not set, what is put into the cache costs what any input costs. */
  readonly cacheWrite?: Nanos;
  readonly output: Nanos;
}

/** The rates of a request with more than `above` tokens of input: of all its tokens, and not only of those beyond. */
export interface Tier extends Rates {
  readonly above: number;
}

export interface Price extends Rates {
  readonly tiers?: readonly Tier[];
}

const TOKENS_PER_PRICE = 1_000_000n;

/**
 * Summed and converted exactly, rounded once, half up: a request's parts never round on their own, and neither does its
 * price in the currency of the key. `rate` is what one unit of the price's currency costs in the currency charged.
 */
export function costOf(usage: TokenUsage, price: Price, rate: Nanos = NANOS_PER_UNIT): Nanos {
  const rates = ratesFor(usage.input, price);
  const cached = Math.min(usage.cachedInput, usage.input);
  const written = Math.min(usage.cacheWrite ?? 0, usage.input - cached);
  const forAnHour = Math.min(usage.cacheWriteHour ?? 0, written);
  const total =
    BigInt(usage.input - cached - written) * rates.input +
    BigInt(cached) * rates.cachedInput +
    BigInt(written - forAnHour) * cacheWriteRate(rates) +
    BigInt(forAnHour) * hourWriteRate(rates) +
    BigInt(usage.output) * rates.output;
  return costFor(total, rate);
}

/** The one rounding there is: of tokens times rates, in the price's currency, to nanos of the currency charged. */
export function costFor(total: bigint, rate: Nanos): Nanos {
  const divisor = TOKENS_PER_PRICE * NANOS_PER_UNIT;
  return (total * rate + divisor / 2n) / divisor;
}

export function cacheWriteRate({ input, cacheWrite = input }: Rates): Nanos {
  return cacheWrite;
}

/** What Anthropic documents for all of its models: twice the input. Never less than a write for five minutes. */
export function hourWriteRate(rates: Rates): Nanos {
  const write = cacheWriteRate(rates);
  const twice = 2n * rates.input;
  return twice > write ? twice : write;
}

/** Of the tiers that the input has reached, the highest. Cached input counts: providers look at the whole prompt. */
function ratesFor(input: number, price: Price): Rates {
  let reached: Tier | undefined;
  for (const tier of price.tiers ?? []) if (input > tier.above && tier.above >= (reached?.above ?? 0)) reached = tier;
  return reached ?? price;
}
