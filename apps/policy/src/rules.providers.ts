import { Explainer } from './explainer.js';
import { AddRule } from './operations/add-rule.js';
import { DeleteRule } from './operations/delete-rule.js';
import { Evaluate } from './operations/evaluate.js';
import { Explain } from './operations/explain.js';
import { GetPolicy } from './operations/get-policy.js';
import { GetRuleCounts } from './operations/get-rule-counts.js';
import { GetRules } from './operations/get-rules.js';
import { ListKeyModels } from './operations/list-key-models.js';
import { ListModelRules } from './operations/list-model-rules.js';
import { ListRuleChanges } from './operations/list-rule-changes.js';
import { MeasureImpact } from './operations/measure-impact.js';
import { PutRules } from './operations/put-rules.js';
import { UpdateRule } from './operations/update-rule.js';
import { RuleChanges } from './rule-changes.js';
import { RulesFeed } from './rules-feed.js';

/** All that rules need in the module. */
export const RULES = [
  RulesFeed,
  Explainer,
  Explain,
  Evaluate,
  MeasureImpact,
  RuleChanges,
  GetRules,
  PutRules,
  AddRule,
  UpdateRule,
  DeleteRule,
  GetPolicy,
  GetRuleCounts,
  ListRuleChanges,
  ListModelRules,
  ListKeyModels,
];
