import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCatalogueFile } from './catalogue-file.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'catalogue-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function read(yaml: string) {
  const path = join(dir, 'catalogue.yaml');
  writeFileSync(path, yaml);
  return readCatalogueFile(path);
}

const OPENAI = `openai: { origin: 'https://api.openai.test', prices: openai, models: ['gpt-4o-mini*', o3] }`;
const ACME = `acme: { origin: 'https://api.acme.test', credential_file: /run/secrets/acme }`;

const modelOf = (yaml: string, id: string) => read(yaml).models.find((model) => model.id === id);
const priced = (route: string) =>
  modelOf(`providers: { ${ACME} }\nmodels: { m: [{ provider: acme, ${route} }] }`, 'm')?.routes[0]?.prices;

describe('the catalogue file', () => {
  it('prices are exact, and what nothing is said about costs as much as input', () => {
    expect(priced(`price: { input: 0.075, output: '0.30' }`)).toEqual([
      {
        from: null,
        price: {
          input: '75000000',
          cached_input: '75000000',
          cache_write: '75000000',
          output: '300000000',
          tiers: [],
        },
      },
    ]);
  });

  it('a number is its digits: more of them than a double has are kept', () => {
    const [timed] = priced('price: { input: 123456789.123456789, output: 0.10 }') ?? [];
    expect(timed?.price).toMatchObject({ input: '123456789123456789', output: '100000000' });
  });

  it('prices have moments, a day from midnight on, and tiers', () => {
    const prices = priced(`prices: [
      { input: 1, output: 2 },
      { from: 2026-11-01, input: 3, output: 4, tiers: [{ above: 200000, input: 6, cached_input: 0.6, output: 8 }] },
      { from: '2026-12-01T02:00:00+02:00', input: 5, output: 6 }]`);
    expect(prices?.map(({ from }) => from)).toEqual([null, '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']);
    expect(prices?.[1]?.price?.tiers).toEqual([
      {
        above: 200_000,
        input: '6000000000',
        cached_input: '600000000',
        cache_write: '6000000000',
        output: '8000000000',
      },
    ]);
  });

  it('takes the known models that a provider is said to have, with their names, prices and contexts', () => {
    const { models, providers } = read(`providers: { ${OPENAI} }`);
    expect(models.map(({ id }) => id)).toEqual(expect.arrayContaining(['gpt-4o-mini', 'o3']));
    expect(models.every(({ id }) => id === 'o3' || id.startsWith('gpt-4o-mini'))).toBe(true);
    expect(models.find(({ id }) => id === 'gpt-4o-mini')).toMatchObject({
      context: 128_000,
      max_output: null,
      free: false,
      routes: [{ provider: 'openai', upstream_model: 'gpt-4o-mini', snapshots: ['gpt-4o-mini-2024-07-18'] }],
    });
    expect(providers[0]).toEqual({
      id: 'openai',
      dialect: 'openai',
      origin: 'https://api.openai.test',
      credential_env: null,
      credential_file: null,
    });
  });

  it('what two providers have is tried at the one that is named first', () => {
    const azure = `azure: { origin: 'https://azure.test', prices: openai, models: [o3] }`;
    const routes = modelOf(`providers: { ${azure}, ${OPENAI} }`, 'o3')?.routes;
    expect(routes?.map(({ provider, priority }) => [provider, priority])).toEqual([
      ['azure', 0],
      ['openai', 1],
    ]);
  });

  it('what is said of a model stands over what is known of it, and the rest stays', () => {
    const yaml = `providers: { ${OPENAI}, ${ACME} }
models:
  o3: { context: 1000, max_output: 500, snapshots: [o3-ours] }
  gpt-4o-mini: [{ provider: acme, price: { input: 1, output: 1 } }]`;
    expect(modelOf(yaml, 'o3')).toMatchObject({
      context: 1000,
      max_output: 500,
      routes: [{ provider: 'openai', snapshots: ['o3-2025-04-16', 'o3-ours'], prices: [{ from: null }, {}] }],
    });
    expect(modelOf(yaml, 'gpt-4o-mini')?.routes).toMatchObject([{ provider: 'acme', snapshots: [] }]);
  });

  it('a route without a price has the known one of its provider, or none', () => {
    const yaml = `providers: { ${OPENAI}, ${ACME} }
models:
  fast: [{ provider: openai, upstream_model: gpt-4o-mini, weight: 3 }, { provider: acme, priority: 1 }]`;
    expect(modelOf(yaml, 'fast')).toMatchObject({
      context: 128_000,
      free: false,
      routes: [
        { weight: 3, snapshots: [], prices: [{ price: { input: '150000000' } }] },
        { priority: 1, prices: [] },
      ],
    });
  });

  it.each([
    ['free: true', true],
    ['price: { input: 0, output: 0 }', true],
    ['price: { input: 0, output: 0.000000001 }', false],
    ['prices: [{ input: 0, output: 0 }, { from: 2030-01-01, input: 1, output: 1 }]', false],
    ['weight: 1', false],
  ])('with %s a model is free: %s', (route, free) => {
    const yaml = `providers: { ${ACME} }\nmodels: { m: [{ provider: acme, ${route} }] }`;
    expect(modelOf(yaml, 'm')?.free).toBe(free);
  });

  it('an alias stands for a model or a snapshot, over others too, and takes the name of what was known', () => {
    const { aliases, models } = read(`providers: { ${OPENAI} }
models: { dos-ai: { alias: fast }, fast: { alias: gpt-4o-mini }, pinned: { alias: gpt-4o-mini-2024-07-18 }, o3: { alias: fast } }`);
    expect(aliases).toEqual({
      'dos-ai': 'gpt-4o-mini',
      fast: 'gpt-4o-mini',
      pinned: 'gpt-4o-mini-2024-07-18',
      o3: 'gpt-4o-mini',
    });
    expect(models.map(({ id }) => id)).not.toContain('o3');
  });

  const m = (route: string) => `providers: { ${ACME} }\nmodels: { m: [{ provider: acme, ${route} }] }`;
  it.each([
    ['an unknown field', 'providers: {}\nmodels: {}\nmodel: {}', /model/],
    ['what is no YAML', 'providers: {', /flow/i],
    ['no text', '', /expected object/],
    ['a provider that is not there', m('weight: 1').replace('provider: acme', 'provider: x'), /names the provider x/],
    [
      'a price that is no amount',
      m('price: { input: cheap, output: 1 }'),
      /models.m.routes.0.price.input .*an amount like/,
    ],
    ['a price below zero', m('price: { input: -1, output: 1 }'), /below zero/],
    ['a price in floating point', m('price: { input: 1e-3, output: 1 }'), /an amount like/],
    ['a price and prices', m('free: true, price: { input: 1, output: 1 }'), /more than one of price, prices and free/],
    ['two prices of one moment', m('prices: [{ input: 1, output: 1 }, { input: 2, output: 2 }]'), /same moment/],
    ['a day that is none', m('prices: [{ from: 2026-02-30, input: 1, output: 1 }]'), /prices.0.from/],
    ['half a weight', m('weight: 0.5'), /weight must be a whole number/],
    ['an origin that is no URL of HTTP', "providers: { x: { origin: 'ftp://x.test' } }", /origin must be an http/],
    [
      'two credentials',
      `providers: { x: { origin: 'http://x.test', credential_env: A, credential_file: /b } }`,
      /both/,
    ],
    ['models of nobody known', `providers: { x: { origin: 'http://x.test', models: ['*'] } }`, /whose `prices`/],
    ['prices of nobody known', `providers: { x: { origin: 'http://x.test', prices: x } }`, /names x, whose prices/],
    ['a wildcard for nothing', `providers: { ${OPENAI.replace('o3', 'o33*')} }`, /has o33\*, which is no known model/],
    ['known prices in another currency', `currency: INR\nproviders: { ${OPENAI} }`, /are in USD/],
    ['a model nobody has', `providers: { ${OPENAI} }\nmodels: { x: { context: 5 } }`, /models.x has no routes/],
    [
      'an alias of nothing',
      `providers: { ${OPENAI} }\nmodels: { x: { alias: y } }`,
      /an alias of y, which is not there/,
    ],
    ['aliases in a circle', 'providers: {}\nmodels: { x: { alias: y }, y: { alias: x } }', /leads back to itself/],
    ['an alias with more', 'providers: {}\nmodels: { x: { alias: y, context: 5 } }', /is an alias, and nothing else/],
  ])('is refused with %s, by name', (_, yaml, message) => {
    expect(() => read(yaml)).toThrow(message);
  });

  it('is refused with all its problems at once', () => {
    const problems = /providers.x.origin.*models.m.routes.0.price.output.*models.n.routes.0.weight/s;
    expect(() =>
      read(`providers: { x: { origin: nowhere } }
models: { m: [{ provider: x, price: { input: 1 } }], n: [{ provider: x, weight: many }] }`),
    ).toThrow(problems);
    expect(() => read(`providers: { ${OPENAI} }\nmodels: { a: { alias: b }, c: [{ provider: y }], d: {} }`)).toThrow(
      /models.c names the provider y.*models.d has no routes.*models.a is an alias of b/s,
    );
  });
});
