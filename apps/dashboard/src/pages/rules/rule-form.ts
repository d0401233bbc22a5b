import type { NewRule } from '../../api/rules.js';
import { effectOf, type Subject, subjectOf } from './rule-text.js';

/** A rule as people fill it in: one field for each kind of thing, and only the chosen one counts. */
export interface RuleFields {
  effect: 'allow' | 'deny';
  subject: Subject;
  models: string[];
  providers: string[];
  cidrs: string[];
  tier: 'free' | 'paid' | 'any';
  max_input_price: string;
  max_output_price: string;
  status: NewRule['status'];
  condition: string;
}

const EMPTY_RULE: RuleFields = {
  effect: 'allow',
  subject: 'models',
  models: [],
  providers: [],
  cidrs: [],
  tier: 'any',
  max_input_price: '',
  max_output_price: '',
  status: 'active',
  condition: '',
};

export function fieldsOf(rule: NewRule | null): RuleFields {
  if (rule === null) return EMPTY_RULE;
  const fields = {
    ...EMPTY_RULE,
    effect: effectOf(rule),
    subject: subjectOf(rule),
    status: rule.status,
    condition: rule.condition ?? '',
  };
  if ('models' in rule) return { ...fields, models: rule.models };
  if ('providers' in rule) return { ...fields, providers: rule.providers };
  if ('cidrs' in rule) return { ...fields, cidrs: rule.cidrs };
  const { tier, max_input_price, max_output_price } = rule.pricing;
  return {
    ...fields,
    tier: tier ?? 'any',
    max_input_price: max_input_price ?? '',
    max_output_price: max_output_price ?? '',
  };
}

/** With the id of the rule it was, it stays that rule. */
export function ruleOf(fields: RuleFields, before: NewRule | null): NewRule {
  const { effect, subject, status } = fields;
  const every = { status, condition: fields.condition.trim() || null };
  // A rule that is about something else now is another rule.
  const id = before?.id && subjectOf(before) === subject && effectOf(before) === effect ? { id: before.id } : {};
  switch (subject) {
    case 'models':
      return { type: `${effect}_models`, models: fields.models, ...every, ...id };
    case 'providers':
      return { type: `${effect}_providers`, providers: fields.providers, ...every, ...id };
    case 'ips':
      return { type: `${effect}_ips`, cidrs: fields.cidrs, ...every, ...id };
    case 'pricing':
      return { type: `${effect}_pricing`, pricing: priceOf(fields), ...every, ...id };
  }
}

function priceOf({ tier, max_input_price, max_output_price }: RuleFields) {
  const most = (text: string) => (text.trim() === '' ? null : text.replaceAll(',', '').trim());
  return { tier, max_input_price: most(max_input_price), max_output_price: most(max_output_price) };
}
