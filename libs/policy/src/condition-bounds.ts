import type { parse } from '@bufbuild/cel';
import { ConditionProblem } from './condition-problem.js';

type Expr = ReturnType<typeof parse>['expr'];

const MOST_PARTS = 120;
const DEEPEST = 24;
const MOST_PATTERNS = 2;
const LONGEST_PATTERN = 100;

/** What there is to ask about, and of what those two are made. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  request: ['model', 'provider', 'endpoint', 'stream', 'max_tokens', 'tools', 'images', 'estimated_cost'],
  key: ['id', 'name', 'tags', 'scopes'],
};
const NAMES = [...Object.keys(FIELDS), 'project', 'now'];

interface Walk {
  parts: number;
  patterns: number;
}

interface Place {
  readonly depth: number;
  /** The names that stand for something here, beside those that always do. */
  readonly bound: readonly string[];
}

/**
 * Whether a condition can be asked on every request. There are no loops in CEL but over lists, and here never one inside
 * another: what a condition costs is its length times the longest list, and both are short.
 */
export function assertBounded(expr: Expr): void {
  visit(expr, { parts: 0, patterns: 0 }, { depth: 0, bound: [] });
}

function visit(expr: Expr | undefined, walk: Walk, place: Place): void {
  if (!expr) return;
  if (++walk.parts > MOST_PARTS) throw new ConditionProblem('is too long');
  if (place.depth > DEEPEST) throw new ConditionProblem('is nested too deeply');
  const { exprKind } = expr;
  if (exprKind.case === 'structExpr')
    throw new ConditionProblem('makes a map or a message: there is nothing to compare it with');
  if (exprKind.case === 'identExpr') assertKnown(exprKind.value.name, place);
  if (exprKind.case === 'selectExpr') assertField(exprKind.value.operand, exprKind.value.field, place);
  if (exprKind.case === 'callExpr') assertCall(exprKind.value, walk, place);
  const next = { ...place, depth: place.depth + 1 };
  for (const part of partsOf(expr)) visit(part, walk, next);
  if (exprKind.case === 'comprehensionExpr') visitLoop(exprKind.value, walk, next);
}

/** What it is made of, but for the body of a loop. */
function partsOf({ exprKind }: Expr): readonly (Expr | undefined)[] {
  if (exprKind.case === 'selectExpr') return [exprKind.value.operand];
  if (exprKind.case === 'callExpr') return [exprKind.value.target, ...exprKind.value.args];
  if (exprKind.case === 'listExpr') return exprKind.value.elements;
  if (exprKind.case === 'comprehensionExpr') return [exprKind.value.iterRange, exprKind.value.accuInit];
  return [];
}

type Case<Name> =
  Extract<Expr['exprKind'], { readonly case: Name }> extends { readonly value: infer Value } ? Value : never;

function visitLoop(loop: Case<'comprehensionExpr'>, walk: Walk, place: Place): void {
  if (place.bound.length) throw new ConditionProblem('has a loop inside a loop');
  const inside = { ...place, bound: [loop.iterVar, loop.iterVar2, loop.accuVar] };
  for (const part of [loop.loopCondition, loop.loopStep, loop.result]) visit(part, walk, inside);
}

function assertCall({ function: name, args }: Case<'callExpr'>, walk: Walk, place: Place): void {
  if (name === 'matches') assertPattern(args.at(-1), walk, place);
  if (name === '_[_]') assertField(args[0], textOf(args[1]), place);
}

function assertKnown(name: string, { bound }: Place): void {
  if (NAMES.includes(name) || bound.includes(name)) return;
  throw new ConditionProblem(`names ${name}, and there are ${NAMES.join(', ')}`);
}

function assertField(of: Expr | undefined, field: string | undefined, { bound }: Place): void {
  if (of?.exprKind.case !== 'identExpr' || field === undefined) return;
  const { name } = of.exprKind.value;
  const fields = bound.includes(name) ? undefined : FIELDS[name];
  if (!fields || fields.includes(field)) return;
  throw new ConditionProblem(
    `names ${name}.${field}, and there are ${fields.map((each) => `${name}.${each}`).join(', ')}`,
  );
}

/** Linear in its text, but only for a short pattern without counted repetition; and never once for each of a list. */
function assertPattern(expr: Expr | undefined, walk: Walk, { bound }: Place): void {
  const pattern = textOf(expr);
  if (pattern === undefined) throw new ConditionProblem('matches a pattern that is not a plain text');
  if (bound.length) throw new ConditionProblem('matches a pattern inside a loop');
  if (++walk.patterns > MOST_PATTERNS) throw new ConditionProblem(`matches more than ${MOST_PATTERNS} patterns`);
  if (pattern.length > LONGEST_PATTERN)
    throw new ConditionProblem(`has a pattern of more than ${LONGEST_PATTERN} letters`);
  if (pattern.includes('{')) throw new ConditionProblem('has a pattern with a counted repetition');
}

function textOf(expr: Expr | undefined): string | undefined {
  if (expr?.exprKind.case !== 'constExpr') return undefined;
  const { constantKind } = expr.exprKind.value;
  return constantKind.case === 'stringValue' ? constantKind.value : undefined;
}
