import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessRpc } from '#contracts/access';
import type { ExplainRpc } from '#contracts/explain';
import { type Key, KeysRpc } from '#contracts/keys';
import type { Asked, CallContext } from '#contracts/rpc';
import type { DecisionTrace } from '#contracts/trace';
import { compileRules } from '#policy/compile-rules';
import { explain } from '#policy/explain';
import { type KnownModel, knownModels, type Route } from '#policy/known-models';
import { subjectsOf } from '#policy/subjects';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { CatalogueBook } from './catalogue-book.js';
import { rulesAt } from './store/rule-sets.js';

type Request = Asked<typeof ExplainRpc.explain>;

const ASK_MILLISECONDS = 900;

/** Tells what would come of a call, with the very functions of the edge, from what is true here at this moment. */
@Injectable()
export class Explainer {
  private models?: { readonly revision: number; readonly byName: ReadonlyMap<string, KnownModel> };

  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
    private readonly book: CatalogueBook,
    private readonly clock: Clock,
  ) {}

  async explain(request: Request, { actor }: CallContext): Promise<DecisionTrace> {
    const { organization_id, key_id } = request;
    const soon = { actor, timeoutMs: ASK_MILLISECONDS };
    await this.bus.call(AccessRpc.authorize, { organization_id, key_id, needs: 'read' }, soon);
    const key = await this.bus.call(KeysRpc.getKey, { organization_id, key_id }, soon);
    const { sets } = await rulesAt(this.db, organization_id, subjectsOf({ ...key, key_id }));
    const model = (await this.knownModels()).get(request.model) ?? null;
    const endpoint = request.endpoint ?? doorOf(model);
    return explain({
      key: standingOf(key),
      call: {
        key: { ...key, key_id },
        name: request.model,
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
      routes: routesOf(model, endpoint, request.provider),
      policy: compileRules(sets),
    });
  }

  private async knownModels(): Promise<ReadonlyMap<string, KnownModel>> {
    const catalogue = await this.book.current();
    if (this.models?.revision !== catalogue.revision)
      this.models = { revision: catalogue.revision, byName: knownModels(catalogue) };
    return this.models.byName;
  }
}

function standingOf({ id: key_id, status, expires_at, scopes }: Key) {
  const disabled = status === 'disabled';
  return {
    key_id,
    disabled,
    expires_at: expires_at === null ? null : Date.parse(expires_at),
    valid_until: null,
    scopes,
  };
}

const DOORS = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const;

function doorOf(model: KnownModel | null): string {
  return DOORS[model?.routes[0]?.provider.dialect ?? 'openai'];
}

/** Only providers that speak the dialect of the endpoint can serve it there. */
function routesOf(model: KnownModel | null, endpoint: string, only: string | undefined): readonly Route[] {
  const dialect = endpoint === DOORS.anthropic ? 'anthropic' : 'openai';
  const spoken = model?.routes.filter(({ provider }) => provider.dialect === dialect) ?? [];
  return only === undefined ? spoken : spoken.filter(({ provider }) => provider.id === only);
}
