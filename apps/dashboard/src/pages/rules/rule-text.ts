import type { NewRule, RuleSet } from '../../api/rules.js';

export const SUBJECTS = {
  models: 'Models',
  providers: 'Providers',
  pricing: 'Pricing',
  ips: 'Addresses',
} as const;
export type Subject = keyof typeof SUBJECTS;

export function effectOf({ type }: NewRule): 'allow' | 'deny' {
  return type.startsWith('allow_') ? 'allow' : 'deny';
}

export function subjectOf({ type }: NewRule): Subject {
  return type.slice(type.indexOf('_') + 1) as Subject;
}

/** What a rule lets pass or stops, in a sentence. */
export function sentenceOf(rule: NewRule): string {
  const allows = effectOf(rule) === 'allow';
  const what = thingsOf(rule);
  const nothing = what === '';
  const text = nothing ? (allows ? 'Allows nothing' : 'Stops nothing') : `${allows ? 'Only' : 'Not'} ${what}`;
  return rule.condition ? `${text}, where ${rule.condition}` : text;
}

function thingsOf(rule: NewRule): string {
  if ('models' in rule) return listed(rule.models, 'models');
  if ('providers' in rule) return listed(rule.providers, 'providers');
  if ('cidrs' in rule) return listed(rule.cidrs, 'addresses');
  const { tier, max_input_price, max_output_price } = rule.pricing;
  const allows = effectOf(rule) === 'allow';
  const bounds = [
    max_input_price && `${allows ? 'at most' : 'above'} ${max_input_price} in`,
    max_output_price && `${allows ? 'at most' : 'above'} ${max_output_price} out`,
  ].filter(Boolean);
  const models = tier === 'any' || tier === undefined ? 'models' : `${tier} models`;
  return bounds.length === 0 ? models : `${models} of ${bounds.join(allows ? ' and ' : ' or ')} a million tokens`;
}

/** What a rule that only observes has counted; undefined: nobody can say at the moment. */
export function wouldHaveRefused(counted: NonNullable<RuleSet['observed']>[number] | undefined): string {
  if (!counted) return 'not counted at the moment';
  const { last_day: day, last_7_days: week } = counted;
  if (week === 0) return 'would have refused nothing in 7 days';
  return `would have refused ${requests(day)} in 24 hours, ${week.toLocaleString('en')} in 7 days`;
}

function requests(count: number): string {
  return count === 1 ? '1 request' : `${count.toLocaleString('en')} requests`;
}

const SHOWN = 6;

function listed(names: readonly string[], what: string): string {
  if (names.length === 0) return '';
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `the ${what} ${names.slice(0, SHOWN).join(', ')}${more}`;
}
