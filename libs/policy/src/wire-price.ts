import type { CataloguePrice } from '#contracts/policy';
import type { Price, Rates } from '#domain/price/cost';

/** A price as it is counted with, from how it is said on the bus. */
export function priceOf({ tiers, ...base }: CataloguePrice): Price {
  const rates = tiers.map(({ above, ...rates }) => ({ above, ...ratesOf(rates) }));
  return rates.length ? { ...ratesOf(base), tiers: rates } : ratesOf(base);
}

/** And back. */
export function wirePrice({ tiers = [], ...base }: Price): CataloguePrice {
  return { ...toldRates(base), tiers: tiers.map(({ above, ...rates }) => ({ above, ...toldRates(rates) })) };
}

function ratesOf(rates: Omit<CataloguePrice, 'tiers'>) {
  return {
    input: BigInt(rates.input),
    cachedInput: BigInt(rates.cached_input),
    cacheWrite: BigInt(rates.cache_write),
    output: BigInt(rates.output),
  };
}

function toldRates({ input, cachedInput, cacheWrite = input, output }: Rates) {
  return {
    input: String(input),
    cached_input: String(cachedInput),
    cache_write: String(cacheWrite),
    output: String(output),
  };
}
