import type { ConditionalPrice, ModelInfo, ModelPrice, TieredPrices } from '@pydantic/genai-prices';
import type { CataloguePrice, CatalogueRoute } from '#contracts/policy';
import { parseMoney } from '#domain/money';

type Timed = CatalogueRoute['prices'][number];
type Component = number | TieredPrices | undefined;

/**
 * What nobody can count from a provider's usage: an answer in sound or pictures, a fee for each request. A price without
 * it would be too low, and a limit that counts too little is none, so that such a model is unpriced.
 */
const UNCOUNTED = [
  'output_audio_mtok',
  'output_image_mtok',
  'output_video_mtok',
  'output_reasoning_mtok',
  'output_citation_mtok',
  'requests_kcount',
];

const FREE: CataloguePrice = { input: '0', cached_input: '0', cache_write: '0', output: '0', tiers: [] };

/** Dollars for a million tokens, in floats and with conditions, as exact prices with the moments they hold from. */
export function knownPrices(prices: ModelInfo['prices']): Timed[] {
  return pricesOf(Array.isArray(prices) ? prices : [{ prices }]);
}

/** Prices that depend on the hour are taken at the dearest one: a limit may count too much, and never too little. */
function pricesOf(conditional: readonly ConditionalPrice[]): Timed[] {
  const byHour = conditional.filter(({ constraint }) => constraint?.type === 'time_of_date');
  return conditional.flatMap(({ constraint, prices }) => {
    if (constraint?.type === 'time_of_date') return [];
    const from = constraint ? new Date(constraint.start_date).toISOString() : null;
    const dearest = byHour.reduce<ModelPrice | null>((most, hour) => most && dearer(most, hour.prices), prices);
    return [{ from, price: dearest && priceOf(dearest) }];
  });
}

/** Null where they are not made alike, or would have to be compared tier by tier: then there is no price. */
function dearer(one: ModelPrice, other: ModelPrice): ModelPrice | null {
  if (Object.keys(one).sort().join() !== Object.keys(other).sort().join()) return null;
  const most: ModelPrice = { ...one };
  for (const [name, price] of Object.entries(other)) {
    const before = one[name] ?? 0;
    if (typeof price !== 'number' || typeof before !== 'number') return null;
    most[name] = Math.max(before, price);
  }
  return most;
}

function priceOf(price: ModelPrice): CataloguePrice | null {
  // The list has nothing at all for what is free, and no price of input for what is sold by the minute or the page.
  if (Object.keys(price).length === 0) return FREE;
  if (price.input_mtok === undefined || UNCOUNTED.some((name) => price[name] !== undefined)) return null;
  const starts = new Set(Object.values(price).flatMap((part) => tiersOf(part).map(({ start }) => start)));
  const tiers = [...starts].sort((a, b) => a - b).map((above) => ({ above, ...ratesAt(price, above) }));
  return { ...ratesAt(price, null), tiers };
}

/** The rates from a tier's start on, or before the first one. What has no output, like an embedding, costs none. */
function ratesAt(price: ModelPrice, start: number | null) {
  const rate = (part: Component) => nanosOf(part, start);
  const input = rate(price.input_mtok);
  return {
    input,
    cached_input: price.cache_read_mtok === undefined ? input : rate(price.cache_read_mtok),
    cache_write: price.cache_write_mtok === undefined ? input : rate(price.cache_write_mtok),
    output: rate(price.output_mtok ?? 0),
  };
}

function nanosOf(part: Component, start: number | null): string {
  if (part === undefined || typeof part === 'number') return dollars(part ?? 0);
  const reached = start === null ? [] : part.tiers.filter((tier) => tier.start <= start);
  const last = reached.sort((a, b) => a.start - b.start).at(-1);
  return dollars(last?.price ?? part.base);
}

function tiersOf(part: Component) {
  return typeof part === 'object' ? part.tiers : [];
}

/** By its digits and never by arithmetic: 0.075 is exactly 75,000,000 nanos. Beyond nine decimals, to the nearest. */
function dollars(price: number): string {
  return String(parseMoney(price.toFixed(9)));
}
