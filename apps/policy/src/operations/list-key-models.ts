import { Injectable } from '@nestjs/common';
import { type KeyModelsRpc, MOST_LISTED } from '#contracts/key-models';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { compileRules } from '#policy/compile-rules';
import { mayAskFor } from '#policy/may-ask-for';
import { Clock } from '#runtime/clock';
import { isAboutAddresses } from '../about-addresses.js';
import { Explainer } from '../explainer.js';

type Answer = Answers<typeof KeyModelsRpc.listKeyModels>;

/** By the very question that `GET /v1/models` asks of each name at the edge; but nobody says from where. */
@Injectable()
export class ListKeyModels {
  constructor(
    private readonly explainer: Explainer,
    private readonly clock: Clock,
  ) {}

  async run(request: Asked<typeof KeyModelsRpc.listKeyModels>, context: CallContext): Promise<Answer> {
    const { key, sets } = await this.explainer.bound(request, context);
    const policy = compileRules(
      sets.map((set) => ({ ...set, rules: set.rules.filter((rule) => !isAboutAddresses(rule)) })),
    );
    const who = { key, ip: null, now: this.clock.now() };
    const models = [...(await this.explainer.listedModels())].map(([name, model]) => {
      const verdict = mayAskFor(policy, who, name, model);
      if (verdict.decision === 'allow') return { model: name, allowed: true, code: null, rule: null };
      const { code, rule: id, level, subject: about } = verdict;
      return { model: name, allowed: false, code, rule: { id, level, about } };
    });
    const depending = sets
      .flatMap(({ rules }) => rules)
      .filter((rule) => rule.status === 'active' && (isAboutAddresses(rule) || rule.condition !== null));
    return {
      total: models.length,
      allowed: models.filter(({ allowed }) => allowed).length,
      models: models.sort((one, other) => (one.model < other.model ? -1 : 1)).slice(0, MOST_LISTED),
      not_judged: depending.length,
    };
  }
}
