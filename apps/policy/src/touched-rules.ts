import type { TouchedRule } from '#contracts/model-rules';
import type { WireRule } from '#contracts/rules';
import { type Asked, matcherOf, type Way } from '#domain/policy/matcher';
import type { Rule } from '#domain/policy/rule';
import { ruleOf } from '#policy/compile-rules';

type Touch = Pick<TouchedRule, 'by' | 'changes'>;

/** A model as rules see it: every name it may be asked for as, every way to it, and those ways at another price. */
export interface SeenModel {
  readonly names: readonly { readonly asked: Asked; readonly ways: readonly Way[] }[];
  readonly ways: readonly Way[];
  readonly repriced: readonly Way[] | null;
}

/** How a rule is about a model; null where it is not. Of its condition nothing is known before there is a request. */
export function touchOf(written: WireRule, { names, ways, repriced }: SeenModel): Touch | null {
  const rule = ruleOf(written);
  if ('models' in rule) {
    const means = (part: Rule<never>) => {
      const matches = matcherOf(part);
      return names.some(({ asked, ways }) => ways.some((way) => matches(asked, way)));
    };
    if (!means(rule)) return null;
    const exact = rule.models.filter((name) => !name.includes('*'));
    return { by: means({ ...rule, models: exact }) ? 'name' : 'wildcard', changes: null };
  }
  if (!('pricing' in rule)) return null;
  const matches = matcherOf(rule);
  const [asked] = names.map((name) => name.asked);
  if (!asked) return null;
  const now = ways.map((way) => matches(asked, way));
  const then = repriced?.map((way) => matches(asked, way)) ?? now;
  if (![...now, ...then].includes(true)) return null;
  return { by: 'price', changes: repriced && now.some((meant, at) => meant !== then[at]) };
}
