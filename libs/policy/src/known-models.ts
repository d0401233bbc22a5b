import type { Catalogue, CatalogueModel, CatalogueRoute, Provider } from '#contracts/policy';
import type { TimedPrice } from '#domain/price/price-at';
import type { Ranked } from '#domain/routing/order';
import { priceOf } from './wire-price.js';

/** One way to serve a model. */
export interface Route extends Ranked {
  readonly provider: Provider;
  readonly upstreamModel: string;
  readonly prices: readonly TimedPrice[];
  readonly currency: string;
}

export interface KnownModel {
  /** Its own name, whatever it was asked for as: what rules are about. */
  readonly id: string;
  /** The dated name it was asked for as, or that an alias stands for; null where it is the model itself. */
  readonly snapshot: string | null;
  readonly context: number | null;
  readonly maxOutput: number | null;
  readonly free: boolean;
  readonly routes: readonly Route[];
}

/** Every model under every name it may be asked for: its own, its snapshots’, its aliases. Made once for a catalogue. */
export function knownModels(catalogue: Catalogue): ReadonlyMap<string, KnownModel> {
  const providers = new Map(catalogue.providers.map((provider) => [provider.id, provider]));
  const byName = new Map<string, KnownModel>();
  const snapshots = new Map<string, KnownModel>();
  for (const model of catalogue.models) {
    const ways = model.routes.flatMap((route) => {
      const provider = providers.get(route.provider);
      return provider ? [{ route, way: wayOf(route, provider, catalogue.currency) }] : [];
    });
    if (!ways.length) continue;
    const known = { ...factsOf(model), routes: ways.map(({ way }) => way) };
    byName.set(model.id, known);
    // A snapshot is to be had only where it is known, and under its own name: who pins one must not get another.
    for (const name of new Set(model.routes.flatMap((route) => route.snapshots))) {
      const routes = ways
        .filter(({ route }) => route.snapshots.includes(name))
        .map(({ way }) => ({ ...way, upstreamModel: name }));
      if (routes.length) snapshots.set(name, { ...known, snapshot: name, routes });
    }
  }
  for (const [name, model] of snapshots) if (!byName.has(name)) byName.set(name, model);
  const named = Object.entries(catalogue.aliases).flatMap(([alias, target]) => {
    const model = byName.get(target);
    return model ? [[alias, model] as const] : [];
  });
  for (const [alias, model] of named) byName.set(alias, model);
  return byName;
}

/** What is listed of them: the models, and what the operator calls them, by these names; their snapshots are not. */
export function listedModels(
  { models, aliases }: Pick<Catalogue, 'models' | 'aliases'>,
  byName: ReadonlyMap<string, KnownModel>,
): ReadonlyMap<string, KnownModel> {
  const names = [...models.map(({ id }) => id), ...Object.keys(aliases)];
  return new Map(
    names.flatMap((name) => {
      const model = byName.get(name);
      return model ? [[name, model] as const] : [];
    }),
  );
}

function factsOf({ id, context, max_output, free }: CatalogueModel): Omit<KnownModel, 'routes'> {
  return { id, snapshot: null, context, maxOutput: max_output, free };
}

function wayOf(
  { upstream_model, priority, weight, prices }: CatalogueRoute,
  provider: Provider,
  currency: string,
): Route {
  return {
    provider,
    upstreamModel: upstream_model,
    priority,
    weight,
    currency,
    prices: prices.map(({ from, price }) => ({
      from: from === null ? null : Date.parse(from),
      price: price && priceOf(price),
    })),
  };
}
