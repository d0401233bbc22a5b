import type { NewRule } from '../../api/rules.js';
import { amountOf } from '../../parts/amount.js';
import { effectOf, type Subject, subjectOf } from './rule-text.js';

/** A rule as people fill it in: one field for each kind of thing, and only the chosen one counts. */
export interface RuleFields {
  effect: 'allow' | 'deny';
  subject: Subject;
  models: string[];
  providers: string[];
  cidrs: string[];
  /** Meant: an empty list allows nothing, and stops whoever it binds. */
  nothing: boolean;
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
  nothing: false,
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
  if ('models' in rule) return { ...fields, models: rule.models, nothing: rule.models.length === 0 };
  if ('providers' in rule) return { ...fields, providers: rule.providers, nothing: rule.providers.length === 0 };
  if ('cidrs' in rule) return { ...fields, cidrs: rule.cidrs, nothing: rule.cidrs.length === 0 };
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
      return { type: `${effect}_models`, models: listOf(fields, 'models'), ...every, ...id };
    case 'providers':
      return { type: `${effect}_providers`, providers: listOf(fields, 'providers'), ...every, ...id };
    case 'ips':
      return { type: `${effect}_ips`, cidrs: listOf(fields, 'cidrs'), ...every, ...id };
    case 'pricing':
      return { type: `${effect}_pricing`, pricing: priceOf(fields), ...every, ...id };
  }
}

/** Whether it may be about nothing: a rule that allows nothing locks out, and is worth having. */
export function mayBeNothing({ effect, subject }: RuleFields): boolean {
  return effect === 'allow' && subject !== 'pricing';
}

function listOf(fields: RuleFields, list: 'models' | 'providers' | 'cidrs'): string[] {
  return fields.nothing && mayBeNothing(fields) ? [] : fields[list];
}

/** A rule about nothing is a form that was sent too soon, unless it was meant. */
export function emptyOf(fields: RuleFields): Record<string, string> {
  if (fields.nothing && mayBeNothing(fields)) return {};
  switch (fields.subject) {
    case 'models':
      return fields.models.length === 0 ? { models: 'Name at least one model.' } : {};
    case 'providers':
      return fields.providers.length === 0 ? { providers: 'Name at least one provider.' } : {};
    case 'ips':
      return fields.cidrs.length === 0 ? { cidrs: 'Name at least one address.' } : {};
    case 'pricing': {
      const { tier, max_input_price, max_output_price } = priceOf(fields);
      const isAny = tier === 'any' && max_input_price === null && max_output_price === null;
      return isAny ? { tier: 'Choose free or paid, or enter a price.' } : {};
    }
  }
}

function priceOf({ tier, max_input_price, max_output_price }: RuleFields) {
  return { tier, max_input_price: amountOf(max_input_price), max_output_price: amountOf(max_output_price) };
}
