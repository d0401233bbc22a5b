import { type Matches, matcherOf } from './matcher.js';
import {
  type Condition,
  LEVELS,
  type Level,
  partsOf,
  type Rule,
  type RuleSet,
  SUBJECTS,
  type Subject,
} from './rule.js';

/** A rule as it is asked on every request: everything that can be known before is known. */
export interface CompiledRule<Facts> {
  readonly id: string;
  readonly matches: Matches;
  readonly condition: Condition<Facts> | null;
}

/** All rules of one level about one subject. */
export interface Step<Facts> {
  readonly level: Level;
  readonly subject: Subject;
  readonly denies: readonly CompiledRule<Facts>[];
  /** Null: there is no list, and everything passes. An empty list would be one that lets nothing pass. */
  readonly allows: readonly CompiledRule<Facts>[] | null;
}

export interface CompiledPolicy<Facts> {
  /** In the order in which they are asked. */
  readonly steps: readonly Step<Facts>[];
  /** The rules that are only observed, each as a step of its own: what would happen if it were active? */
  readonly observed: readonly { readonly ids: readonly string[]; readonly step: Step<Facts> }[];
}

/** Takes the rules of all levels apart once. Sets and rules may come in any order: the policy is the same. */
export function compile<Facts>(sets: readonly RuleSet<Facts>[]): CompiledPolicy<Facts> {
  return joined(inOrder(sets).map(compileSet));
}

/** The rules of one level alone: what binds many is taken apart once. */
export function compileSet<Facts>({ level, rules }: RuleSet<Facts>): CompiledPolicy<Facts> {
  const steps: Step<Facts>[] = [];
  const observed: CompiledPolicy<Facts>['observed'][number][] = [];
  for (const subject of SUBJECTS) {
    const about = rules.filter((rule) => partsOf(rule.type).subject === subject);
    const active = stepOf(level, subject, about, 'active');
    const watched = stepOf(level, subject, about, 'observe');
    if (active.denies.length || active.allows) steps.push(active);
    for (const rule of watched.denies)
      observed.push({ ids: [rule.id], step: { level, subject, denies: [rule], allows: null } });
    // Beside an active list another entry would only let more pass: there is nothing it would have refused.
    if (watched.allows && !active.allows)
      observed.push({ ids: watched.allows.map(({ id }) => id), step: { ...watched, denies: [] } });
  }
  return { steps, observed };
}

/** Several levels after each other, in the order of `inOrder`. */
export function joined<Facts>(levels: readonly CompiledPolicy<Facts>[]): CompiledPolicy<Facts> {
  return { steps: levels.flatMap(({ steps }) => steps), observed: levels.flatMap(({ observed }) => observed) };
}

interface Ordered {
  readonly level: Level;
  readonly rules: readonly { readonly id: string }[];
}

/** By level, wide to narrow. Where one level comes twice (a key that was made by a key) each binds by itself. */
export function inOrder<Each extends Ordered>(sets: readonly Each[]): readonly Each[] {
  return [...sets].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || compare(firstId(a), firstId(b)));
}

function stepOf<Facts>(
  level: Level,
  subject: Subject,
  rules: readonly Rule<Facts>[],
  status: 'active' | 'observe',
): Step<Facts> {
  const of = (effect: 'allow' | 'deny') =>
    rules
      .filter((rule) => rule.status === status && partsOf(rule.type).effect === effect)
      // Without a condition first: where one of those refuses, no condition made the difference.
      .sort((a, b) => Number(a.condition !== null) - Number(b.condition !== null) || compare(a.id, b.id))
      .map((rule) => ({ id: rule.id, condition: rule.condition, matches: matcherOf(rule) }));
  const allows = of('allow');
  return { level, subject, denies: of('deny'), allows: allows.length ? allows : null };
}

function firstId({ rules }: Ordered): string {
  return rules.map(({ id }) => id).sort(compare)[0] ?? '';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
