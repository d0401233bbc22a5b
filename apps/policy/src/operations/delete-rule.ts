import { Injectable } from '@nestjs/common';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { RulesRpc, WireRule } from '#contracts/rules';
import { RuleChanges } from '../rule-changes.js';
import { noRule } from '../rule-ids.js';

type Request = Asked<typeof RulesRpc.deleteRule>;

@Injectable()
export class DeleteRule {
  constructor(private readonly changes: RuleChanges) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof RulesRpc.deleteRule>> {
    const change = (before: readonly WireRule[]) => {
      const after = before.filter(({ id }) => id !== request.rule_id);
      if (after.length === before.length) throw noRule('rule_id');
      return after;
    };
    const { revision } = await this.changes.change({
      name: 'deleteRule',
      action: 'rules.delete',
      request,
      context,
      change,
    });
    return { revision };
  }
}
