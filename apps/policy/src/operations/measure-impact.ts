import { Injectable } from '@nestjs/common';
import { AccessRpc } from '#contracts/access';
import { type ImpactRpc, MOST_REQUESTS } from '#contracts/impact';
import { type LoggedRequest, ReportsRpc } from '#contracts/reports';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { compileRules, type Policy } from '#policy/compile-rules';
import { decide } from '#policy/decision';
import { routesAt } from '#policy/doors';
import type { KnownModel } from '#policy/known-models';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { isAboutAddresses } from '../about-addresses.js';
import { Explainer } from '../explainer.js';

type Request = Asked<typeof ImpactRpc.measureImpact>;
type Impact = Answers<typeof ImpactRpc.measureImpact>;

const DAY = 86_400_000;
const ASK_MILLISECONDS = 2000;
const PAGE = 100;
const SAMPLE = 20;

@Injectable()
export class MeasureImpact {
  constructor(
    private readonly bus: BusClient,
    private readonly explainer: Explainer,
    private readonly clock: Clock,
  ) {}

  async run(request: Request, { actor, deadline }: CallContext): Promise<Impact> {
    const { organization_id, project_id, key_id, rules, days } = request;
    const whose = { organization_id, project_id, key_id };
    const options = { actor, deadline, timeoutMs: ASK_MILLISECONDS };
    await this.bus.call(AccessRpc.authorize, { ...whose, needs: 'read' }, options);
    const since = new Date(this.clock.now() - days * DAY).toISOString();
    const models = await this.explainer.knownModels();
    const policy = policyOf(rules);
    const impact = { ...nothing(since), not_judged: rules.flatMap((rule, at) => (isAboutAddresses(rule) ? [at] : [])) };
    let cursor: string | undefined;
    for (let seen = 0; seen < MOST_REQUESTS; seen += PAGE) {
      const page = await this.bus.call(ReportsRpc.listRequests, { ...whose, since, limit: PAGE, cursor }, options);
      for (const each of page.requests) judge(impact, each, models, policy);
      if (page.next_cursor === null) return impact;
      cursor = page.next_cursor;
      impact.since = page.requests.at(-1)?.at ?? impact.since;
    }
    return { ...impact, truncated: true };
  }
}

function nothing(since: string): Impact {
  return {
    ...{ requests: 0, denied: 0, by_code: {}, by_model: {}, sample: [] },
    ...{ unknown: 0, not_judged: [], since, truncated: false },
  };
}

/** As if they were in force, whatever they say of themselves; a rule is called by its place. The log has no addresses. */
function policyOf(rules: Request['rules']): Policy {
  const judged = rules.flatMap((rule, at) => {
    if (isAboutAddresses(rule) || rule.status === 'inactive') return [];
    return [{ ...rule, id: String(at), status: 'active' as const }];
  });
  return compileRules([{ level: 'organization', rules: judged }]);
}

function judge(impact: Impact, request: LoggedRequest, models: ReadonlyMap<string, KnownModel>, policy: Policy): void {
  const { id, at, key_id, model: name, endpoint, stream, outcome } = request;
  // What was refused then is refused anyway.
  if (outcome === 'denied') return;
  impact.requests++;
  const model = models.get(name);
  if (!model) {
    impact.unknown++;
    return;
  }
  // Nor does it say all that conditions ask: they are taken not to stand in the way, so that what is counted is certain.
  const key = { key_id, name: '', tags: {}, scopes: [], project_id: request.project_id };
  const call = { key, model, name, endpoint, stream, ip: null, now: Date.parse(at), details: null };
  const verdict = decide(policy, call, routesAt(endpoint, model));
  if (verdict.decision === 'allow') return;
  const { code, rule } = verdict;
  impact.denied++;
  impact.by_code[code] = (impact.by_code[code] ?? 0) + 1;
  impact.by_model[model.id] = (impact.by_model[model.id] ?? 0) + 1;
  if (impact.sample.length < SAMPLE) impact.sample.push({ id, at, key_id, model: name, code, rule: Number(rule) });
}
