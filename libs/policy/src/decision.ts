import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import { hasSpendLimit, type SpendLimits } from '#domain/budget/buckets';
import { NANOS_PER_UNIT } from '#domain/money';
import { type Allowed, type Denied, evaluate, type Stepped } from '#domain/policy/evaluate';
import type { Way } from '#domain/policy/matcher';
import { costOf, type Price } from '#domain/price/cost';
import { priceAt } from '#domain/price/price-at';
import type { Policy } from './compile-rules.js';
import { type CallFacts, celFacts } from './condition.js';
import type { KnownModel, Route } from './known-models.js';

/** A route, as rules look at it. */
export interface RouteWay extends Way {
  readonly route: Route;
  readonly priced: Price | null;
}

/** What conditions can ask of a call; looked for only where one does. */
export interface CallDetails {
  readonly maxTokens: number | null;
  readonly tools: boolean;
  readonly images: boolean;
  readonly inputTokens: number;
}

/** As much of a call as rules are about. */
export interface JudgedCall {
  readonly key: Pick<UsableKey, 'key_id' | 'name' | 'tags' | 'scopes' | 'project_id'>;
  readonly model: Pick<KnownModel, 'id' | 'snapshot'>;
  /** What the model was asked for as. */
  readonly name: string;
  readonly endpoint: string;
  readonly stream: boolean;
  readonly ip: string | null;
  readonly now: number;
  /** Null where there is no call yet, only the question which ones there could be. */
  readonly details: (() => CallDetails) | null;
}

/** Where a request says nothing of how long its answer may be. */
const USUAL_OUTPUT = 1000;

/** What is left of the routes of a call, or why none is: asked by the edge, and by who explains it. */
export function decide(
  policy: Policy,
  call: JudgedCall,
  routes: readonly Route[],
  note?: (stepped: Stepped) => void,
): Allowed<RouteWay> | Denied {
  const ways = routes.map((route) => wayOf(route, call.now));
  const { details } = call;
  const factsOf = details && ((way: RouteWay | Way) => celFacts(factsFor(call, details(), way)));
  const { id: model, snapshot } = call.model;
  return evaluate(policy, { model, name: call.name, snapshot, ip: call.ip, factsOf }, ways, note);
}

/** What nobody knows the price of is not for who has a limit of money: `offersOf` of the edge refuses it. */
export function isUnpriced(key: SpendLimits, ways: readonly RouteWay[]): boolean {
  return hasSpendLimit(key) && ways.every(({ priced }) => priced === null);
}

/** In the words of a refusal; those who are refused learn which rule it was, and not what else it says. */
export function refusalOf({ code, rule, level }: Denied, name: string): Refused {
  const messages: Record<Denied['code'], string> = {
    model_not_allowed: `The requested model (${name}) is not authorized for this API key.`,
    provider_not_allowed: `No provider of the requested model (${name}) is authorized for this API key.`,
    pricing_not_allowed: `The price of the requested model (${name}) is not authorized for this API key.`,
    condition_not_met: 'A rule of this API key does not allow this request.',
    permission_denied: 'This API key may not be used from this address.',
  };
  const param = code === 'permission_denied' || code === 'condition_not_met' ? undefined : 'model';
  return new Refused(code, { message: messages[code], param, details: { rule_id: rule, rule_level: level } });
}

export function wayOf(route: Route, now: number): RouteWay {
  const priced = priceAt(route.prices, now);
  return { provider: route.provider.id, price: priced && judgedPrice(priced), route, priced };
}

const judged = new WeakMap<Price, NonNullable<Way['price']>>();

function judgedPrice(priced: Price): NonNullable<Way['price']> {
  const known = judged.get(priced);
  if (known) return known;
  const price = { free: isFree(priced), input: priced.input, output: priced.output };
  judged.set(priced, price);
  return price;
}

function isFree({ tiers = [], ...base }: Price): boolean {
  return [base, ...tiers].every(
    ({ input, cachedInput, cacheWrite = 0n, output }) => input + cachedInput + cacheWrite + output === 0n,
  );
}

function factsFor(call: JudgedCall, details: CallDetails, way: RouteWay | Way): CallFacts {
  const { key, model, endpoint, stream, now } = call;
  const { maxTokens, tools, images, inputTokens } = details;
  const usage = { input: inputTokens, cachedInput: 0, output: maxTokens ?? USUAL_OUTPUT };
  const priced = 'priced' in way ? way.priced : null;
  const estimatedCost = priced && Number(costOf(usage, priced)) / Number(NANOS_PER_UNIT);
  const provider = way.provider ?? '';
  return {
    request: { model: model.id, provider, endpoint, stream, maxTokens, tools, images, estimatedCost },
    key: { id: key.key_id, name: key.name, tags: key.tags, scopes: key.scopes },
    project: key.project_id,
    now,
  };
}
