import type { Nanos } from '#domain/money';

/** Whom a rule binds, from wide to narrow: every level only takes away from what the ones before it left. */
export const LEVELS = ['organization', 'project', 'member', 'key'] as const;
export type Level = (typeof LEVELS)[number];

/** What a rule is about, in the order in which it is asked: what costs nothing to know comes first. */
export const SUBJECTS = ['ips', 'models', 'providers', 'pricing'] as const;
export type Subject = (typeof SUBJECTS)[number];

export type RuleType = `${'allow' | 'deny'}_${Subject}`;

/** `observe`: what it would have refused is reported, and nothing is refused. */
export const RULE_STATUSES = ['active', 'observe', 'inactive'] as const;
type RuleStatus = (typeof RULE_STATUSES)[number];

export const TIERS = ['free', 'paid', 'any'] as const;

/** Which prices are meant; the maxima are nano-units for a million tokens, null: no maximum. */
export interface PriceRange {
  readonly tier: (typeof TIERS)[number];
  readonly maxInput: Nanos | null;
  readonly maxOutput: Nanos | null;
}

/** More about a request than lists can say; `error` where it cannot be told, and then nothing is allowed by it. */
export type Condition<Facts> = (facts: Facts) => boolean | 'error';

interface AnyRule<Facts> {
  readonly id: string;
  readonly status: RuleStatus;
  readonly condition: Condition<Facts> | null;
}

export type Rule<Facts> = AnyRule<Facts> &
  (
    | { readonly type: 'allow_models' | 'deny_models'; readonly models: readonly string[] }
    | { readonly type: 'allow_providers' | 'deny_providers'; readonly providers: readonly string[] }
    | { readonly type: 'allow_pricing' | 'deny_pricing'; readonly pricing: PriceRange }
    | { readonly type: 'allow_ips' | 'deny_ips'; readonly cidrs: readonly string[] }
  );

/** The rules of one organization, project, member or key. */
export interface RuleSet<Facts> {
  readonly level: Level;
  readonly rules: readonly Rule<Facts>[];
}

/** `allow_models` → allow, models. */
export function partsOf(type: RuleType): { readonly effect: 'allow' | 'deny'; readonly subject: Subject } {
  const [effect, subject] = type.split('_') as ['allow' | 'deny', Subject];
  return { effect, subject };
}
