import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { RulesRpc } from '#contracts/rules';
import { Serve } from '#rpc/serve';
import { AddRule } from './operations/add-rule.js';
import { DeleteRule } from './operations/delete-rule.js';
import { GetPolicy } from './operations/get-policy.js';
import { GetRuleCounts } from './operations/get-rule-counts.js';
import { GetRules } from './operations/get-rules.js';
import { ListRuleChanges } from './operations/list-rule-changes.js';
import { PutRules } from './operations/put-rules.js';
import { UpdateRule } from './operations/update-rule.js';

type Calls = typeof RulesRpc;

/** Rules: one call of the contract, one operation behind it. */
@Serve(RulesRpc)
export class RulesHandlers implements Serves<Calls> {
  constructor(
    private readonly getRulesOperation: GetRules,
    private readonly putRulesOperation: PutRules,
    private readonly addRuleOperation: AddRule,
    private readonly updateRuleOperation: UpdateRule,
    private readonly deleteRuleOperation: DeleteRule,
    private readonly getPolicyOperation: GetPolicy,
    private readonly getRuleCountsOperation: GetRuleCounts,
    private readonly listRuleChangesOperation: ListRuleChanges,
  ) {}

  getRules(request: Asked<Calls['getRules']>, context: CallContext) {
    return this.getRulesOperation.run(request, context);
  }

  putRules(request: Asked<Calls['putRules']>, context: CallContext) {
    return this.putRulesOperation.run(request, context);
  }

  addRule(request: Asked<Calls['addRule']>, context: CallContext) {
    return this.addRuleOperation.run(request, context);
  }

  updateRule(request: Asked<Calls['updateRule']>, context: CallContext) {
    return this.updateRuleOperation.run(request, context);
  }

  deleteRule(request: Asked<Calls['deleteRule']>, context: CallContext) {
    return this.deleteRuleOperation.run(request, context);
  }

  getPolicy(request: Asked<Calls['getPolicy']>) {
    return this.getPolicyOperation.run(request);
  }

  getRuleCounts(request: Asked<Calls['getRuleCounts']>) {
    return this.getRuleCountsOperation.run(request);
  }

  listRuleChanges(request: Asked<Calls['listRuleChanges']>) {
    return this.listRuleChangesOperation.run(request);
  }
}
