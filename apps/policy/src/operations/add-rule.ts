import { Injectable } from '@nestjs/common';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { RulesRpc, WireRule } from '#contracts/rules';
import { RuleChanges } from '../rule-changes.js';
import { newRuleId } from '../rule-ids.js';

type Request = Asked<typeof RulesRpc.addRule>;

@Injectable()
export class AddRule {
  constructor(private readonly changes: RuleChanges) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof RulesRpc.addRule>> {
    const change = (before: readonly WireRule[], now: Date) => [...before, { ...request.rule, id: newRuleId(now) }];
    const { rules, revision } = await this.changes.change({
      name: 'addRule',
      action: 'rules.add',
      request,
      context,
      change,
    });
    return { rule: rules.at(-1) as WireRule, revision };
  }
}
