import type { Catalogue, CatalogueModel, CataloguePrice, CatalogueRoute } from '#contracts/policy';
import { matchesWildcard } from '#domain/routing/wildcard';
import type { CatalogueYaml, YamlRates, YamlRoute } from './catalogue-yaml.js';
import { knownModels } from './known-models.js';
import { resolveAliases } from './resolve-aliases.js';
import { NOTHING_SAID, type Overlay, type SetPrice } from './store/overlay.js';

type Draft = Omit<CatalogueModel, 'free'>;
type Known = ReturnType<typeof knownModels>;
type YamlModel = CatalogueYaml['models'][string];
type YamlProvider = CatalogueYaml['providers'][string];

export type Composed = { catalogue: Omit<Catalogue, 'revision'> } | { problems: string[] };

/** Known models where a provider takes them, over them what the file says, and over that what was said to the admin API. */
export function composeCatalogue(file: CatalogueYaml, over: Overlay = NOTHING_SAID): Composed {
  const problems: string[] = [];
  const said = { ...file, providers: mergedProviders(file, over) };
  const known = knownOf(said, problems);
  const drafts = takenModels(said, known, problems);
  const aliases = new Map<string, string>();
  for (const [id, model] of layersOf(file, over)) {
    aliases.delete(id);
    if (model === null || model.alias !== undefined) drafts.delete(id);
    if (model === null) continue;
    if (model.alias !== undefined) {
      aliases.set(id, model.alias);
      continue;
    }
    const draft = drafted(id, model, { before: drafts.get(id), said, known, problems });
    if (draft) drafts.set(id, draft);
  }
  const models = [...drafts.values()].map((draft) => finished(draft, over.prices));
  const names = new Set(models.flatMap(({ id, routes }) => [id, ...routes.flatMap(({ snapshots }) => snapshots)]));
  const resolved = resolveAliases(aliases, names, problems);
  if (problems.length) return { problems };
  const providers = Object.entries(said.providers).map(([id, provider]) => ({
    id,
    dialect: provider.dialect,
    origin: provider.origin,
    credential_env: provider.credential_env ?? null,
    credential_file: provider.credential_file ?? null,
  }));
  return { catalogue: { currency: said.currency, providers, models, aliases: resolved } };
}

/** Null: it is not there, whatever was said before. */
function* layersOf(file: CatalogueYaml, over: Overlay): Iterable<[string, YamlModel | null]> {
  yield* Object.entries(file.models);
  for (const [id, { said }] of over.models) yield [id, said];
}

export function mergedProviders(file: CatalogueYaml, over: Overlay): CatalogueYaml['providers'] {
  const providers = { ...file.providers };
  for (const [id, { said }] of over.providers) {
    const merged = Object.entries({ dialect: 'openai', models: [], ...providers[id], ...said });
    // What has no origin is what is left of something that the file does not have any more.
    const whole = Object.fromEntries(merged.filter(([, value]) => value !== null)) as YamlProvider;
    if (said !== null && whole.origin) providers[id] = whole;
    else delete providers[id];
  }
  return providers;
}

/** What was set holds from its moment on; before it, what was known then. */
function finished(draft: Draft, set: readonly SetPrice[]): CatalogueModel {
  const routes = draft.routes.map((route) => {
    const { provider, upstream_model } = route;
    const own = set.filter(
      (it) => it.model === draft.id && it.provider === provider && it.upstream_model === upstream_model,
    );
    const [first] = own;
    if (!first) return route;
    const before = route.prices.filter(({ from }) => first.from !== null && (from ?? '') < first.from);
    return { ...route, prices: [...before, ...own.map(({ from, price }) => ({ from, price }))] };
  });
  return { ...draft, routes, free: routes.every(isFree) };
}

function knownOf({ currency, providers }: CatalogueYaml, problems: string[]): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  for (const [id, { prices }] of Object.entries(providers)) {
    if (prices === undefined) continue;
    known.set(id, knownModels(prices));
    if (!known.get(id)) problems.push(`providers.${id}.prices names ${prices}, whose prices are not known`);
    else if (currency !== 'USD')
      problems.push(`providers.${id}.prices are in USD, and the catalogue is in ${currency}`);
  }
  return known;
}

/** Where two providers take the same model, the one that is named first is tried first. */
function takenModels(
  { providers }: CatalogueYaml,
  known: ReadonlyMap<string, Known>,
  problems: string[],
): Map<string, Draft> {
  const drafts = new Map<string, Draft>();
  for (const [provider, { models: patterns }] of Object.entries(providers)) {
    const offered = [...(known.get(provider)?.values() ?? [])];
    if (!offered.length) continue;
    for (const pattern of patterns)
      if (!offered.some(({ id }) => matchesWildcard(pattern, id)))
        problems.push(`providers.${provider}.models has ${pattern}, which is no known model of it`);
    for (const { id, context, snapshots, prices } of offered) {
      if (!patterns.some((pattern) => matchesWildcard(pattern, id))) continue;
      const draft = drafts.get(id) ?? { id, context, max_output: null, routes: [] };
      const priority = draft.routes.length;
      const route = { provider, upstream_model: id, snapshots: [...snapshots], priority, weight: 1, prices };
      drafts.set(id, { ...draft, routes: [...draft.routes, route] });
    }
  }
  return drafts;
}

interface Around {
  readonly before: Draft | undefined;
  readonly said: CatalogueYaml;
  readonly known: ReadonlyMap<string, Known>;
  readonly problems: string[];
}

function drafted(id: string, model: YamlModel, { before, said, known, problems }: Around): Draft | null {
  const { context, max_output, snapshots } = model;
  for (const { provider } of model.routes ?? [])
    if (!Object.hasOwn(said.providers, provider))
      problems.push(`models.${id} names the provider ${provider}, which is not there`);
  const routes = model.routes?.map((route) => routeOf(id, route, known)) ?? before?.routes;
  if (!routes) {
    problems.push(`models.${id} has no routes, and no provider here takes it`);
    return null;
  }
  const first = model.routes?.[0];
  const knownContext = first && known.get(first.provider)?.get(first.upstream_model ?? id)?.context;
  return {
    id,
    context: context ?? knownContext ?? before?.context ?? null,
    max_output: max_output ?? before?.max_output ?? null,
    routes: routes.map((route) => ({ ...route, snapshots: [...new Set([...route.snapshots, ...snapshots])] })),
  };
}

function routeOf(id: string, route: YamlRoute, known: ReadonlyMap<string, Known>): CatalogueRoute {
  const { provider, upstream_model = id, priority, weight } = route;
  const model = known.get(provider)?.get(upstream_model);
  return {
    provider,
    upstream_model,
    // Under another name than the provider's own, a snapshot of it would be one of something else.
    snapshots: upstream_model === id ? [...(model?.snapshots ?? [])] : [],
    priority,
    weight,
    prices: pricesOf(route) ?? model?.prices ?? [],
  };
}

function pricesOf({ price, prices, free }: YamlRoute): CatalogueRoute['prices'] | undefined {
  if (free) return [{ from: null, price: { ...filled({ input: '0', output: '0' }), tiers: [] } }];
  if (price) return [{ from: null, price: priceOf(price) }];
  return prices?.map(({ from, ...price }) => ({ from, price: priceOf(price) }));
}

function priceOf({ tiers, ...base }: NonNullable<YamlRoute['price']>): CataloguePrice {
  return { ...filled(base), tiers: tiers.map(({ above, ...rates }) => ({ above, ...filled(rates) })) };
}

/** What nothing is said about costs what any input costs. */
function filled({ input, cached_input = input, cache_write = input, output }: YamlRates) {
  return { input, cached_input, cache_write, output };
}

function isFree({ prices }: CatalogueRoute): boolean {
  return prices.length > 0 && prices.every(({ price }) => price !== null && isZero(price));
}

function isZero({ tiers, ...base }: CataloguePrice): boolean {
  return [base, ...tiers].every((rates) =>
    [rates.input, rates.cached_input, rates.cache_write, rates.output].every((nanos) => nanos === '0'),
  );
}
