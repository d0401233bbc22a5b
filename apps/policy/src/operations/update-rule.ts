import { Injectable } from '@nestjs/common';
import { accept } from '#contracts/accept';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { newRule, type RulesRpc, type WireRule } from '#contracts/rules';
import { RuleChanges } from '../rule-changes.js';
import { noRule } from '../rule-ids.js';

type Request = Asked<typeof RulesRpc.updateRule>;

@Injectable()
export class UpdateRule {
  constructor(private readonly changes: RuleChanges) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof RulesRpc.updateRule>> {
    const { rule_id, changes } = request;
    const change = (before: readonly WireRule[]) => {
      if (!before.some(({ id }) => id === rule_id)) throw noRule('rule_id');
      return before.map((rule) => (rule.id === rule_id ? changed(rule, changes) : rule));
    };
    const { rules, revision } = await this.changes.change({
      name: 'updateRule',
      action: 'rules.update',
      request,
      context,
      change,
    });
    return { rule: rules.find(({ id }) => id === rule_id) as WireRule, revision };
  }
}

/** What is not of its type is refused in the same words as in a new rule. */
function changed({ id, ...rule }: WireRule, changes: Request['changes']): WireRule {
  return { ...accept(newRule, { ...rule, ...changes }), id };
}
