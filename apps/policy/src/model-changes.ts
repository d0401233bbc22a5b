import type { CatalogueRpc, ModelView, NewRoute } from '#contracts/catalogue';
import type { CataloguePrice } from '#contracts/policy';
import { Refused } from '#contracts/refusals';
import type { Asked } from '#contracts/rpc';
import { parseMoney } from '#domain/money';
import type { Doing } from '#runtime/store/mutations';
import { assertRevision } from '#runtime/store/revision';
import type { Sight } from './mutation/catalogue-changes.js';
import { type SaidModel, type SetPrice, say, setPrice } from './store/overlay.js';

type Wanted = Pick<Asked<typeof CatalogueRpc.updateModel>, 'alias' | 'context' | 'max_output' | 'snapshots' | 'routes'>;

/** Writes what is said of a model over what was said before; what is not said stays, null is as the file says. */
export async function sayOfModel(doing: Doing, { over }: Sight, id: string, wanted: Wanted): Promise<void> {
  const before = over.models.get(id)?.said ?? { snapshots: [] };
  const said: SaidModel = {
    alias: wanted.alias ?? before.alias,
    context: chosen(wanted.context, before.context),
    max_output: chosen(wanted.max_output, before.max_output),
    snapshots: wanted.snapshots ?? before.snapshots,
    routes: chosen(wanted.routes === null ? null : wanted.routes?.map(routeOf), before.routes),
  };
  if (said.alias !== undefined && (said.context || said.max_output || said.snapshots.length || said.routes))
    throw new Refused('invalid_request', {
      message: 'This is an alias, and nothing else may be said of it.',
      param: 'alias',
    });
  await say(doing.db, 'model', id, said);
}

/** Prices that are asked for with the routes. What holds already, or has held, is never written over. */
export async function setPrices(
  doing: Doing,
  { over, model }: Sight,
  id: string,
  routes: readonly NewRoute[],
): Promise<void> {
  const known = model(id);
  for (const [index, route] of routes.entries()) {
    if (route.price !== undefined && route.free)
      throw new Refused('invalid_request', { message: 'has both price and free', param: `routes.${index}.free` });
    const price = priceIn(route);
    if (price === undefined) continue;
    const upstream_model = route.upstream_model ?? id;
    const is = (it: { provider: string; upstream_model: string }) =>
      it.provider === route.provider && it.upstream_model === upstream_model;
    const set = over.prices.filter((it) => it.model === id && is(it));
    const held = known?.routes.find(is);
    const from = momentOf(doing.now, set, route.from, `routes.${index}.from`);
    if (route.from === undefined && held && isSame(held, route)) continue;
    // What there was nothing of before has its first price from ever: nobody can have asked for it earlier.
    const first = route.from === undefined && set.length === 0 && !held;
    const entry = { model: id, provider: route.provider, upstream_model, from: first ? null : from, price };
    await setPrice(doing.db, entry, doing.now, doing.actor);
  }
}

export function existingModel({ model }: Sight, id: string, expected?: number): ModelView {
  const found = model(id);
  if (!found) throw new Refused('not_found', { message: 'There is no such model.' });
  assertRevision(String(found.revision), expected);
  return found;
}

export function auditedModel(view: ModelView): Record<string, unknown> {
  const { alias, context, max_output } = view;
  return { alias, context, max_output, routes: view.routes.map(({ price: _, ...route }) => route) };
}

function chosen<Value>(wanted: Value | null | undefined, before: Value | undefined): Value | undefined {
  return wanted === undefined ? before : (wanted ?? undefined);
}

function routeOf({ provider, upstream_model, priority, weight }: NewRoute): NonNullable<SaidModel['routes']>[number] {
  return { provider, upstream_model, priority, weight };
}

/** Undefined: nothing is said about it. */
function priceIn({ price, free }: NewRoute): CataloguePrice | null | undefined {
  if (free) return { ...filled({ input: '0', output: '0' }), tiers: [] };
  if (!price) return price;
  return { ...filled(price), tiers: price.tiers.map(({ above, ...rates }) => ({ above, ...filled(rates) })) };
}

type Rates = Pick<NonNullable<NewRoute['price']>, 'input' | 'cached_input' | 'cache_write' | 'output'>;

function filled({ input, cached_input = input, cache_write = input, output }: Rates) {
  const nanos = (units: string) => String(parseMoney(units));
  return {
    input: nanos(input),
    cached_input: nanos(cached_input),
    cache_write: nanos(cache_write),
    output: nanos(output),
  };
}

/** Now, or the moment that is asked for; of two changes within a millisecond the second one counts. */
function momentOf(now: Date, set: readonly SetPrice[], wanted: string | undefined, param: string): string {
  if (wanted !== undefined && Date.parse(wanted) <= now.getTime())
    throw new Refused('invalid_request', { message: 'A price cannot begin in the past.', param });
  if (wanted !== undefined) return wanted;
  const begun = set.flatMap(({ from }) =>
    from !== null && Date.parse(from) <= now.getTime() ? [Date.parse(from)] : [],
  );
  return new Date(Math.max(now.getTime(), ...begun.map((last) => last + 1))).toISOString();
}

function isSame({ price: held }: ModelView['routes'][number], route: NewRoute): boolean {
  const wanted = priceIn(route);
  if (!held || !wanted) return held === wanted;
  const rates = ({ input, cached_input, cache_write, output }: Required<Rates>) =>
    [input, cached_input, cache_write, output].map((units) => String(parseMoney(units)));
  const now = [rates(held), ...held.tiers.map(({ above, ...tier }) => [above, ...rates(tier)])];
  const then = [
    [wanted.input, wanted.cached_input, wanted.cache_write, wanted.output],
    ...wanted.tiers.map((it) => [it.above, it.input, it.cached_input, it.cache_write, it.output]),
  ];
  return JSON.stringify(now) === JSON.stringify(then);
}
