import type { Price } from '#domain/price/cost';

/** What something costs from a moment on; null for always, and for a price that nobody knows. */
export interface TimedPrice {
  readonly from: number | null;
  readonly price: Price | null;
}

/** The newest that has begun. Null is unpriced, which is not free. */
export function priceAt(prices: readonly TimedPrice[], now: number): Price | null {
  let newest: TimedPrice | undefined;
  for (const timed of prices) if (begin(timed) <= now && (!newest || begin(timed) >= begin(newest))) newest = timed;
  return newest?.price ?? null;
}

function begin({ from }: TimedPrice): number {
  return from ?? Number.NEGATIVE_INFINITY;
}
