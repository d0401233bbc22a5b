import type { IncomingMessage } from 'node:http';
import type { UsableKey } from '#contracts/keys';
import type { DecisionTrace } from '#contracts/trace';
import { inputGuess, outputCap } from '#domain/usage/estimate';
import { inputFactsOf } from '#domain/usage/input-facts';
import type { CatalogueDirectory } from '#policy/catalogue-directory';
import type { Policy } from '#policy/compile-rules';
import { type CallDetails, decide, type JudgedCall, refusalOf } from '#policy/decision';
import { explain } from '#policy/explain';
import type { KnownModel, Route } from '#policy/known-models';
import type { KnownRules } from '#policy/known-rules';
import { mayAskFor } from '#policy/may-ask-for';
import type { Call } from './call.js';
import type { Exchange } from './exchange.js';

interface Parts {
  readonly rules: Pick<KnownRules, 'peek' | 'find'>;
  readonly catalogue: Pick<CatalogueDirectory, 'modelOf'>;
  readonly ipOf: (request: IncomingMessage) => string | null;
}

/** Between route and send: what the rules of a key leave of the routes of a call. */
export class RuleStep {
  constructor(private readonly parts: Parts) {}

  /** The routes that are left, in the order in which they came. Refused where none is, with the rule that decided. */
  async routesFor(
    exchange: Exchange,
    key: UsableKey,
    call: Call,
    model: KnownModel,
    routes: readonly Route[],
  ): Promise<readonly Route[]> {
    const judged = () => ({
      key,
      model,
      name: call.model,
      endpoint: call.endpoint.path,
      stream: call.stream,
      ip: this.parts.ipOf(exchange.request),
      now: exchange.startedAt,
      details: () => detailsOf(call),
    });
    return this.leftOf(key, judged, model, routes, (trace) => {
      exchange.trace = trace;
    });
  }

  /** The same of a call that is made elsewhere: `note` is told why it was refused, or what would have refused it. */
  async leftOf(
    key: UsableKey,
    call: () => JudgedCall,
    model: KnownModel,
    routes: readonly Route[],
    note: (trace: DecisionTrace) => void,
  ): Promise<readonly Route[]> {
    const policy = await this.policyOf(key);
    if (isEmpty(policy)) return routes;
    const judged = call();
    const verdict = decide(policy, judged, routes);
    if (verdict.decision === 'allow' && verdict.observed.length === 0) return verdict.ways.map(({ route }) => route);
    // For the request log.
    note(explain({ key, call: judged, model, routes, policy }));
    if (verdict.decision === 'deny') throw refusalOf(verdict, judged.name);
    return verdict.ways.map(({ route }) => route);
  }

  /** The names a key may ask for, by its lists; what conditions say is known only with a call. */
  async usable(exchange: Exchange, key: UsableKey, names: readonly string[]): Promise<readonly string[]> {
    const policy = await this.policyOf(key);
    if (isEmpty(policy)) return names;
    const who = { key, ip: this.parts.ipOf(exchange.request), now: exchange.startedAt };
    return names.filter(
      (name) => mayAskFor(policy, who, name, this.parts.catalogue.modelOf(name)).decision === 'allow',
    );
  }

  private async policyOf(key: UsableKey): Promise<Policy> {
    return this.parts.rules.peek(key) ?? (await this.parts.rules.find(key));
  }
}

function isEmpty({ steps, observed }: Policy): boolean {
  return steps.length === 0 && observed.length === 0;
}

export function detailsOf({ endpoint, body }: Pick<Call, 'endpoint' | 'body'>): CallDetails {
  const facts = inputFactsOf(body.bytes);
  const { tokens, choices } = outputCap(body, endpoint.name);
  return {
    maxTokens: tokens === null ? null : Math.min(tokens * choices, Number.MAX_SAFE_INTEGER),
    tools: facts.hasTools,
    images: facts.images > 0 || facts.namesImages,
    inputTokens: inputGuess(body.bytes.length, facts),
  };
}
