import type { ModelView, ProviderView, RouteView } from '#contracts/catalogue';
import type { Catalogue, CatalogueModel, CataloguePrice, CatalogueRoute } from '#contracts/policy';
import { formatMoney } from '#domain/money';
import type { CatalogueYaml } from './catalogue-yaml.js';
import type { Overlay } from './store/overlay.js';

/** What people see of the catalogue at one moment: money in units, and prices with the one that holds. */
export class CatalogueViews {
  constructor(
    private readonly catalogue: Omit<Catalogue, 'revision'>,
    private readonly over: Overlay,
    private readonly now: number,
  ) {}

  /** Every model and every alias, by name. */
  models(): ModelView[] {
    const names = [...this.catalogue.models.map(({ id }) => id), ...Object.keys(this.catalogue.aliases)];
    return names
      .sort()
      .map((name) => this.model(name))
      .filter((view) => view !== null);
  }

  /** By its own name, or by an alias; null where there is no such thing. */
  model(name: string): ModelView | null {
    const alias = this.catalogue.aliases[name] ?? null;
    const meant = this.catalogue.models.find(({ id }) => id === (alias ?? name)) ?? (alias && this.snapshot(alias));
    if (!meant) return null;
    const routes = meant.routes.map((route) => this.route(route));
    return {
      id: name,
      alias,
      aliases: alias === null ? this.aliasesOf(name) : [],
      context: meant.context,
      max_output: meant.max_output,
      free: meant.free,
      unpriced: routes.some(({ price }) => price === null),
      currency: this.catalogue.currency,
      routes,
      ...managed(this.over.models.get(name)),
    };
  }

  provider(id: string, said: CatalogueYaml['providers'][string]): ProviderView {
    const { dialect, origin, credential_env = null, credential_file = null, prices = null, models } = said;
    const serves = this.catalogue.models.filter(({ routes }) => routes.some(({ provider }) => provider === id)).length;
    const given = { id, dialect, origin, credential_env, credential_file, prices, models, serves };
    return { ...given, ...managed(this.over.providers.get(id)) };
  }

  private snapshot(name: string): CatalogueModel | undefined {
    return this.catalogue.models.find(({ routes }) => routes.some(({ snapshots }) => snapshots.includes(name)));
  }

  private aliasesOf(id: string): string[] {
    return Object.entries(this.catalogue.aliases).flatMap(([alias, target]) => (target === id ? [alias] : []));
  }

  private route({ provider, upstream_model, snapshots, priority, weight, prices }: CatalogueRoute): RouteView {
    const views = prices
      .map(({ from, price }) => ({ from, price: price && priceView(price) }))
      .sort((one, other) => begin(one) - begin(other));
    const price = views.findLast((timed) => begin(timed) <= this.now)?.price ?? null;
    return { provider, upstream_model, snapshots, priority, weight, price, prices: views };
  }
}

function begin({ from }: { from: string | null }): number {
  return from === null ? Number.NEGATIVE_INFINITY : Date.parse(from);
}

function managed(said: { readonly revision: number } | undefined) {
  return { managed: said !== undefined, revision: said?.revision ?? 0 };
}

function priceView({ tiers, ...base }: CataloguePrice): NonNullable<RouteView['price']> {
  return { ...ratesView(base), tiers: tiers.map(({ above, ...rates }) => ({ above, ...ratesView(rates) })) };
}

function ratesView({ input, cached_input, cache_write, output }: Omit<CataloguePrice, 'tiers'>) {
  const units = (nanos: string) => formatMoney(BigInt(nanos));
  return {
    input: units(input),
    cached_input: units(cached_input),
    cache_write: units(cache_write),
    output: units(output),
  };
}
