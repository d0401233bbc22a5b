import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import { inOrder } from '#domain/routing/order';
import { DOOR_OF } from '#policy/doors';
import type { KnownModel, Route } from '#policy/known-models';
import type { Call } from './call.js';
import { chargeFor, type Tariff, tariffOf } from './charge.js';
import type { Endpoint } from './endpoints.js';
import type { Exchange } from './exchange.js';

/** A route a call may take, and what it would be charged there. */
export interface Offer extends Tariff {
  readonly model: KnownModel;
  readonly route: Route;
  readonly charge: ReturnType<typeof chargeFor>;
}

/** Where a model can be had in the dialect that was asked in, in the order to try. */
export function routesFor(model: KnownModel, { endpoint, model: asked }: Call): readonly Route[] {
  const spoken = model.routes.every((route) => speaks(route, endpoint))
    ? model.routes
    : model.routes.filter((route) => speaks(route, endpoint));
  const [route] = model.routes;
  if (spoken.length === 0 && route) {
    throw new Refused('model_not_found', {
      message: `The model ${JSON.stringify(asked)} is not served at ${endpoint.path}: ask ${DOOR_OF[route.provider.dialect]}.`,
      param: 'model',
    });
  }
  return spoken.length > 1 ? inOrder(spoken, Math.random()) : spoken;
}

/** The routes that can be put on the bill. Where that is none, it is the first one that says why. */
export function offersOf(
  { profile, startedAt }: Pick<Exchange, 'profile' | 'startedAt'>,
  key: UsableKey,
  model: KnownModel,
  routes: readonly Route[],
): Offer[] {
  const offers: Offer[] = [];
  let why: unknown;
  for (let at = routes.length - 1; at >= 0; at--) {
    const route = routes[at] as Route;
    try {
      const tariff = tariffOf(key, route, profile, startedAt);
      offers.push({ model, route, ...tariff, charge: chargeFor(key, tariff, startedAt) });
    } catch (error) {
      why = error;
    }
  }
  if (offers.length === 0) throw why ?? new Refused('model_not_found', { param: 'model' });
  return offers.reverse();
}

function speaks({ provider }: Route, { dialect }: Endpoint): boolean {
  return provider.dialect === dialect;
}
