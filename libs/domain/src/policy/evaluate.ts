import type { CompiledPolicy, CompiledRule, Step } from './compile.js';
import type { Asked, Way } from './matcher.js';
import type { Level, Subject } from './rule.js';

/** Why a request is refused by a rule. */
const CODES = {
  ips: 'permission_denied',
  models: 'model_not_allowed',
  providers: 'provider_not_allowed',
  pricing: 'pricing_not_allowed',
} as const;
type PolicyCode = (typeof CODES)[Subject] | 'condition_not_met';

export interface Allowed<Each> {
  readonly decision: 'allow';
  /** The ways that are left, in the order in which they came. */
  readonly ways: readonly Each[];
  /** The observed rules that would have refused it. */
  readonly observed: readonly string[];
}

export interface Denied {
  readonly decision: 'deny';
  readonly code: PolicyCode;
  readonly level: Level;
  readonly subject: Subject;
  /** The rule that decided; of an allow list that has not got it, the one that came closest. */
  readonly rule: string;
}

export interface Question<Facts, Each extends Way> extends Asked {
  /** What conditions look at; null where only lists are asked, and conditions are taken not to stand in the way. */
  readonly factsOf: ((way: Each | typeof NOWHERE) => Facts) | null;
}

/** How one step went, for who explains. */
export interface Stepped {
  readonly level: Level;
  readonly subject: Subject;
  readonly result: 'pass' | 'fail';
  /** How many ways came to it, and how many went on. */
  readonly before: number;
  readonly after: number;
  /** The rule that took the first of them away, by the names of their providers; null where all went on. */
  readonly rule: string | null;
}

interface Reason {
  readonly code: PolicyCode;
  readonly rule: string;
}

interface Taken {
  readonly reason: Reason;
  readonly provider: string;
}

/** By name: ways of equal rank come in any order, and whoever asks again must be told the same. */
function firstOf(taken: readonly Taken[]): Reason | null {
  let first = taken[0];
  for (const each of taken) if (first && each.provider < first.provider) first = each;
  return first?.reason ?? null;
}

/** What nobody serves: denied by name, and on no list of what is allowed. */
const NOWHERE = { provider: null, price: null } as const satisfies Way;

/**
 * Step for step, wide to narrow: each takes ways away and none gives one back. The first step that leaves none decides.
 * The same for the edge and for who explains: an explanation can't say anything else than what is done.
 */
export function evaluate<Facts, Each extends Way>(
  { steps, observed }: CompiledPolicy<Facts>,
  question: Question<Facts, Each>,
  ways: readonly Each[],
  note?: (stepped: Stepped) => void,
): Allowed<Each> | Denied {
  const facts = question.factsOf && remembered(question.factsOf);
  const judge = (step: Step<Facts>, way: Each | typeof NOWHERE) => reasonAgainst(step, question, way, facts);
  let left: readonly (Each | typeof NOWHERE)[] = ways.length ? ways : [NOWHERE];
  for (const step of steps) {
    const { level, subject } = step;
    const taken: Taken[] = [];
    const kept = left.filter((way) => {
      const reason = judge(step, way);
      if (reason) taken.push({ reason, provider: way.provider ?? '' });
      return reason === null;
    });
    const reason = firstOf(taken);
    const result = kept.length ? 'pass' : 'fail';
    note?.({ level, subject, result, before: left.length, after: kept.length, rule: reason?.rule ?? null });
    if (reason && kept.length === 0) return { decision: 'deny', level, subject, ...reason };
    left = kept;
  }
  const would = observed.filter(({ step }) => left.every((way) => judge(step, way) !== null));
  const served = left.filter((way): way is Each => way !== NOWHERE);
  return { decision: 'allow', ways: served, observed: would.flatMap(({ ids }) => ids) };
}

type Told<Facts, Each> = ((way: Each | typeof NOWHERE) => Facts) | null;

/** Why this step stops this way; null where it does not. */
function reasonAgainst<Facts, Each extends Way>(
  step: Step<Facts>,
  question: Question<Facts, Each>,
  way: Each | typeof NOWHERE,
  facts: Told<Facts, Each>,
): Reason | null {
  for (const rule of step.denies) {
    if (!rule.matches(question, way)) continue;
    if (!rule.condition) return { code: CODES[step.subject], rule: rule.id };
    // What cannot be told is not let pass.
    if (facts && rule.condition(facts(way)) !== false) return { code: 'condition_not_met', rule: rule.id };
  }
  return step.allows && notOn(step.allows, step.subject, question, way, facts);
}

function notOn<Facts, Each extends Way>(
  allows: readonly CompiledRule<Facts>[],
  subject: Subject,
  question: Question<Facts, Each>,
  way: Each | typeof NOWHERE,
  facts: Told<Facts, Each>,
): Reason | null {
  let closest: CompiledRule<Facts> | undefined;
  for (const rule of allows) {
    if (!rule.matches(question, way)) continue;
    if (!rule.condition || !facts || rule.condition(facts(way)) === true) return null;
    closest ??= rule;
  }
  if (closest) return { code: 'condition_not_met', rule: closest.id };
  return { code: CODES[subject], rule: allows[0]?.id ?? '' };
}

/** Facts are gathered only where a condition asks for them, and once for each way. */
function remembered<Facts, Key>(factsOf: (way: Key) => Facts): (way: Key) => Facts {
  const known = new Map<Key, Facts>();
  return (way) => {
    const before = known.get(way);
    if (before !== undefined) return before;
    const facts = factsOf(way);
    known.set(way, facts);
    return facts;
  };
}
