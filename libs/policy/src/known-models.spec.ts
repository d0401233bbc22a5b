import { describe, expect, it } from '@jest/globals';
import type { Catalogue, CatalogueRoute } from '#contracts/policy';
import { knownModels } from './known-models.js';

const rates = { input: '3', cached_input: '1', cache_write: '4', output: '5' };
const provider = (id: string) => ({
  id,
  dialect: 'openai' as const,
  origin: `https://${id}.test`,
  credential_env: null,
  credential_file: null,
});
const route = (fields: Partial<CatalogueRoute>): CatalogueRoute => ({
  provider: 'one',
  upstream_model: 'up',
  snapshots: [],
  priority: 0,
  weight: 1,
  prices: [{ from: null, price: { ...rates, tiers: [] } }],
  ...fields,
});
const facts = { context: 100, max_output: 10, free: false };

const catalogue: Catalogue = {
  revision: 1,
  currency: 'USD',
  providers: [provider('one'), provider('two')],
  models: [
    {
      id: 'm',
      ...facts,
      routes: [
        route({ snapshots: ['m-2026-01-01'] }),
        route({ provider: 'two', priority: 1, snapshots: ['m-2026-01-01', 'm-2026-02-02'] }),
      ],
    },
    { id: 'm-2026-02-02', ...facts, routes: [route({ upstream_model: 'own' })] },
    { id: 'nowhere', ...facts, routes: [route({ provider: 'gone' })] },
  ],
  aliases: { 'dos-ai': 'm', pinned: 'm-2026-01-01', lost: 'nowhere' },
};
const models = knownModels(catalogue);
const waysTo = (name: string) =>
  models.get(name)?.routes.map(({ provider, upstreamModel }) => `${provider.id}/${upstreamModel}`);

describe('the models a gateway knows', () => {
  it.each([
    ['a model by its name', 'm', ['one/up', 'two/up']],
    ['an alias like what it stands for', 'dos-ai', ['one/up', 'two/up']],
    ['a snapshot under its own name, where it is known', 'm-2026-01-01', ['one/m-2026-01-01', 'two/m-2026-01-01']],
    ['an alias of a snapshot', 'pinned', ['one/m-2026-01-01', 'two/m-2026-01-01']],
    ['a model that is called like a snapshot of another', 'm-2026-02-02', ['one/own']],
    ['nothing of what no provider has', 'nowhere', undefined],
    ['nothing of its aliases', 'lost', undefined],
    ['nothing else', 'M', undefined],
  ])('have %s', (_, name, ways) => {
    expect(waysTo(name)).toEqual(ways);
  });

  it('keep one name for the rules, whatever they are asked for as', () => {
    for (const name of ['m', 'dos-ai', 'm-2026-01-01', 'pinned'])
      expect(models.get(name)).toMatchObject({ id: 'm', context: 100, maxOutput: 10, free: false });
    // And the snapshot, where it is one: an alias hides it from nobody.
    expect(['m', 'dos-ai', 'm-2026-01-01', 'pinned'].map((name) => models.get(name)?.snapshot)).toEqual([
      ...[null, null, 'm-2026-01-01', 'm-2026-01-01'],
    ]);
  });

  it('have prices to count with: moments in milliseconds, amounts in whole nanos', () => {
    const tiers = [{ above: 7, ...rates, input: '6' }];
    const prices = [
      { from: null, price: { ...rates, tiers: [] } },
      { from: '2026-01-01T00:00:00.000Z', price: { ...rates, tiers } },
      { from: '2026-02-01T00:00:00.000Z', price: null },
    ];
    const timed = knownModels({ ...catalogue, models: [{ id: 't', ...facts, routes: [route({ prices })] }] });
    const exact = { input: 3n, cachedInput: 1n, cacheWrite: 4n, output: 5n };
    expect(timed.get('t')?.routes[0]?.prices).toEqual([
      { from: null, price: exact },
      { from: Date.UTC(2026, 0), price: { ...exact, tiers: [{ above: 7, ...exact, input: 6n }] } },
      { from: Date.UTC(2026, 1), price: null },
    ]);
  });
});
