import type { Allowed, Denied } from '#domain/policy/evaluate';
import type { Policy } from './compile-rules.js';
import { decide, type JudgedCall, type RouteWay } from './decision.js';
import type { KnownModel } from './known-models.js';

/**
 * What rules make of a name that could be asked for, by their lists, wherever it could be had; what conditions say is known
 * only with a call. For the list of models that a key sees, and for who looks at what its rules leave it.
 */
export function mayAskFor(
  policy: Policy,
  who: Pick<JudgedCall, 'key' | 'ip' | 'now'>,
  name: string,
  model: KnownModel,
): Allowed<RouteWay> | Denied {
  return decide(policy, { ...who, model, name, endpoint: '', stream: false, details: null }, model.routes);
}
