import { hash } from 'node:crypto';
import type { WireRule } from '#contracts/rules';
import { parseMoney } from '#domain/money';
import { type CompiledPolicy, compileSet, inOrder, joined } from '#domain/policy/compile';
import type { Condition, Level, PriceRange, Rule } from '#domain/policy/rule';
import { TwoGenerations } from '#keyring/two-generations';
import { type CelFacts, compileCondition } from './condition.js';

export type Policy = CompiledPolicy<CelFacts>;

interface WireSet {
  readonly level: Level;
  readonly rules: readonly WireRule[];
}

/** Rules as they are kept and sent, taken apart for who asks them once. */
export function compileRules(sets: readonly WireSet[]): Policy {
  return joined(inOrder(sets).map(compileWireSet));
}

/** For who holds the rules of many keys: what binds all keys of a project is taken apart and kept once. */
export class RuleShelf {
  private readonly compiled: TwoGenerations<string, Policy>;

  constructor(capacity: number) {
    this.compiled = new TwoGenerations(capacity);
  }

  policyOf(sets: readonly WireSet[]): Policy {
    if (sets.length === 0) return NO_RULES;
    return joined(inOrder(sets).map((set) => this.once(set)));
  }

  private once(set: WireSet): Policy {
    const digest = hash('sha256', JSON.stringify(set), 'base64url');
    const before = this.compiled.get(digest);
    if (before) return before;
    const policy = compileWireSet(set);
    this.compiled.set(digest, policy);
    return policy;
  }
}

const NO_RULES: Policy = joined([]);

function compileWireSet({ level, rules }: WireSet): Policy {
  return compileSet({ level, rules: rules.map(ruleOf) });
}

/** One rule, with its money and its condition read. */
export function ruleOf({ condition, ...rule }: WireRule): Rule<CelFacts> {
  const every = { id: rule.id, status: rule.status, condition: condition === null ? null : conditionOf(condition) };
  if ('pricing' in rule) return { ...every, type: rule.type, pricing: rangeOf(rule.pricing) };
  return { ...rule, ...every };
}

/** It was checked when it was kept; one that another version wrote and this one does not understand allows nothing. */
function conditionOf(text: string): Condition<CelFacts> {
  try {
    return compileCondition(text);
  } catch {
    return () => 'error';
  }
}

type WirePricing = Extract<WireRule, { readonly pricing: unknown }>['pricing'];

function rangeOf({ tier, max_input_price, max_output_price }: WirePricing): PriceRange {
  const nanos = (amount: string | null) => (amount === null ? null : parseMoney(amount));
  return { tier, maxInput: nanos(max_input_price), maxOutput: nanos(max_output_price) };
}
