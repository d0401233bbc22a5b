import { describe, expect, it } from '@jest/globals';
import { calcPrice } from '@pydantic/genai-prices';
import type { CataloguePrice, CatalogueRoute } from '#contracts/policy';
import { parseMoney } from '#domain/money';
import { costOf } from '#domain/price/cost';
import { knownModels } from './known-models.js';
import { knownPrices } from './known-prices.js';

const nanos = (dollars: string) => String(parseMoney(dollars));
const ratesOf = (input: string, cached: string, write: string, output: string) => ({
  input: nanos(input),
  cached_input: nanos(cached),
  cache_write: nanos(write),
  output: nanos(output),
});
const flat = (...rates: Parameters<typeof ratesOf>) => ({ ...ratesOf(...rates), tiers: [] });
const always = (price: CataloguePrice | null) => [{ from: null, price }];
const of = (provider: string, id: string) => knownModels(provider)?.get(id);

describe('known models', () => {
  it.each([
    ['openai', 'gpt-4o-mini', always(flat('0.15', '0.075', '0.15', '0.60'))],
    [
      'anthropic',
      'claude-sonnet-4-5',
      always({
        ...ratesOf('3', '0.3', '3.75', '15'),
        tiers: [{ above: 200_000, ...ratesOf('6', '0.6', '7.5', '22.5') }],
      }),
    ],
    [
      'openai',
      'o3',
      [
        ...always(flat('10', '0.5', '10', '40')),
        { from: '2025-06-10T00:00:00.000Z', price: flat('2', '0.5', '2', '8') },
      ],
    ],
    ['openai', 'text-embedding-3-small', always(flat('0.02', '0.02', '0.02', '0'))],
    ['openai', 'whisper-1', always(null)],
    ['openai', 'gpt-audio', always(null)],
    ['perplexity', 'sonar', always(null)],
    // Dearer from 00:30 to 16:30, and taken at that all day.
    ['deepseek', 'deepseek-reasoner', always(flat('0.55', '0.14', '0.55', '2.19'))],
  ])('%s %s have exact prices', (provider, id, prices) => {
    expect(of(provider, id)?.prices).toEqual(prices);
  });

  it('have snapshots by their dates, and keep what only shares their price apart', () => {
    expect(of('openai', 'gpt-4o-mini')).toMatchObject({ context: 128_000, snapshots: ['gpt-4o-mini-2024-07-18'] });
    expect(of('openai', 'gpt-4o-mini-2024-07-18')).toBeUndefined();
    expect(of('openai', 'gpt-4o-mini-search-preview')?.snapshots).toEqual(['gpt-4o-mini-search-preview-2025-03-11']);
    // Dated, with a price of its own.
    expect(of('openai', 'gpt-4o-2024-05-13')?.snapshots).toEqual([]);
    expect(of('openai', 'gpt-4o')?.snapshots).not.toContain('gpt-4o-2024-05-13');
  });

  it('are those of a provider by its exact name', () => {
    expect(knownModels('acme')).toBeNull();
    expect(knownModels('open')).toBeNull();
  });

  it.each([
    ['a free model', {}, flat('0', '0', '0', '0')],
    [
      'fractions of a nano',
      { input_mtok: 0.08333333333333334, output_mtok: 1e-7 },
      flat('0.083333333', '0.083333333', '0.083333333', '0.0000001'),
    ],
    ['no price of input', { output_mtok: 5 }, null],
    ['an answer in pictures', { input_mtok: 1, output_mtok: 2, output_image_mtok: 30 }, null],
    [
      'tiers that begin apart',
      {
        input_mtok: { base: 1, tiers: [{ start: 100, price: 2 }] },
        output_mtok: { base: 3, tiers: [{ start: 200, price: 4 }] },
      },
      {
        ...ratesOf('1', '1', '1', '3'),
        tiers: [
          { above: 100, ...ratesOf('2', '2', '2', '3') },
          { above: 200, ...ratesOf('2', '2', '2', '4') },
        ],
      },
    ],
  ])('with %s', (_, prices, expected) => {
    expect(knownPrices(prices)).toEqual(always(expected));
  });

  it('that change with the hour and are not comparable have no price', () => {
    const constraint = { type: 'time_of_date' as const, start_time: '01:00:00Z', end_time: '04:00:00Z' };
    const hours = [{ prices: { input_mtok: 1 } }, { constraint, prices: { input_mtok: 2, output_mtok: 1 } }];
    expect(knownPrices(hours)).toEqual(always(null));
  });

  it('cost what the list itself says they cost, on both sides of every tier', () => {
    const models = ['openai', 'anthropic', 'google', 'mistral', 'x-ai'].flatMap((provider) =>
      [...(knownModels(provider)?.values() ?? [])].map(({ id, prices }) => ({ provider, id, prices })),
    );
    const compared = models.flatMap(({ provider, id, prices }) => {
      const now = priceNow(prices);
      if (!now) return [];
      const inputs = [1000, ...now.tiers.flatMap(({ above }) => [above, above + 1])];
      return inputs.flatMap((input) => {
        const usage = { input_tokens: input, cache_read_tokens: 100, output_tokens: 50 };
        const listed = calcPrice(usage, id, { providerId: provider })?.total_price;
        const cost = Number(costOf({ input, cachedInput: 100, output: 50 }, exact(now))) / 1e9;
        return listed === undefined ? [] : [{ provider, id, input, cost, listed }];
      });
    });
    expect(compared.length).toBeGreaterThan(100);
    expect(compared.filter(({ cost, listed }) => Math.abs(cost - listed) > 1e-8)).toEqual([]);
  });
});

function priceNow(prices: CatalogueRoute['prices']): CataloguePrice | null {
  return prices.findLast(({ from }) => from === null || Date.parse(from) <= Date.now())?.price ?? null;
}

function exact({ tiers, ...base }: CataloguePrice) {
  const rates = ({ input, cached_input, output }: Omit<CataloguePrice, 'tiers'>) => ({
    input: BigInt(input),
    cachedInput: BigInt(cached_input),
    output: BigInt(output),
  });
  return { ...rates(base), tiers: tiers.map(({ above, ...tier }) => ({ above, ...rates(tier) })) };
}
