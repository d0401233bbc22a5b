import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessRpc } from '#contracts/access';
import type { ExplainRpc } from '#contracts/explain';
import { GatewayRpc } from '#contracts/gateway';
import type { UsableKey } from '#contracts/keys';
import type { Asked, CallContext } from '#contracts/rpc';
import type { DecisionTrace } from '#contracts/trace';
import { compileRules } from '#policy/compile-rules';
import { doorOf, routesAt } from '#policy/doors';
import { explain, explainKey, withLimits } from '#policy/explain';
import { type KnownModel, knownModels, listedModels } from '#policy/known-models';
import { subjectsOf } from '#policy/subjects';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { CatalogueBook } from './catalogue-book.js';
import { rulesAt } from './store/rule-sets.js';

type Request = Asked<typeof ExplainRpc.explain>;

const ASK_MILLISECONDS = 900;

interface Judged {
  readonly key: UsableKey;
  readonly endpoint: string;
  readonly trace: DecisionTrace;
}

interface Catalogued {
  readonly revision: number;
  readonly byName: ReadonlyMap<string, KnownModel>;
  readonly listed: ReadonlyMap<string, KnownModel>;
}

/** Tells what would come of a call, with the very functions of the edge, from what is true here at this moment. */
@Injectable()
export class Explainer {
  private catalogued?: Catalogued;

  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
    private readonly book: CatalogueBook,
    private readonly clock: Clock,
  ) {}

  /** By all that is known here: what the key is, its rules, what is priced. */
  async judge(request: Request, context: CallContext): Promise<Judged> {
    const { key, sets } = await this.bound(request, context);
    const name = request.model;
    if (name === undefined) return { key, endpoint: '', trace: explainKey(key, this.clock.now()) };
    const model = (await this.knownModels()).get(name) ?? null;
    const endpoint = request.endpoint ?? doorOf(model);
    const trace = explain({
      key,
      call: {
        key,
        name,
        endpoint,
        stream: request.stream,
        ip: request.ip,
        now: this.clock.now(),
        details: () => ({
          maxTokens: request.max_tokens,
          tools: request.tools,
          images: request.images,
          inputTokens: request.est_tokens,
        }),
      },
      model,
      routes: routesAt(endpoint, model, request.provider),
      policy: compileRules(sets),
    });
    return { key, endpoint, trace };
  }

  /** With its limits, as the gateways have counted them at this moment. */
  async explain(request: Request, context: CallContext): Promise<DecisionTrace> {
    const { key, endpoint, trace } = await this.judge(request, context);
    const { model, max_tokens, est_tokens } = request;
    if (trace.decision === 'deny' || model === undefined) return trace;
    const asked = { key, model, providers: providersLeft(trace), endpoint, max_tokens, est_tokens };
    return withLimits(trace, await this.bus.call(GatewayRpc.measureCall, asked, { timeoutMs: ASK_MILLISECONDS }));
  }

  /** A key and all rules that bind it, for who may look at it. */
  async bound(
    { organization_id, key_id }: Pick<Request, 'organization_id' | 'key_id'>,
    { actor }: CallContext,
  ): Promise<{ readonly key: UsableKey; readonly sets: Awaited<ReturnType<typeof rulesAt>>['sets'] }> {
    const soon = { actor, timeoutMs: ASK_MILLISECONDS };
    await this.bus.call(AccessRpc.authorize, { organization_id, key_id, needs: 'read' }, soon);
    const key = await this.bus.call(AccessRpc.getUsableKey, { organization_id, key_id }, soon);
    const { sets } = await rulesAt(this.db, organization_id, subjectsOf(key));
    return { key, sets };
  }

  async knownModels(): Promise<ReadonlyMap<string, KnownModel>> {
    return (await this.catalogue()).byName;
  }

  /** Every name that gateways list, with its model. */
  async listedModels(): Promise<ReadonlyMap<string, KnownModel>> {
    return (await this.catalogue()).listed;
  }

  private async catalogue(): Promise<Catalogued> {
    const catalogue = await this.book.current();
    if (this.catalogued?.revision !== catalogue.revision) {
      const byName = knownModels(catalogue);
      this.catalogued = { revision: catalogue.revision, byName, listed: listedModels(catalogue, byName) };
    }
    return this.catalogued;
  }
}

/** Those that could serve it, by its rules. */
export function providersLeft({ steps }: DecisionTrace): string[] {
  const left = steps.find(({ step }) => step === 'rules')?.detail.providers;
  return Array.isArray(left) ? left.map(String) : [];
}
