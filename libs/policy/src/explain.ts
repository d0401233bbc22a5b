import type { UsableKey } from '#contracts/keys';
import type { RefusalCode } from '#contracts/refusals';
import { type DecisionTrace, TRACE_STEPS, type TraceStep } from '#contracts/trace';
import { hasSpendLimit, type SpendLimits } from '#domain/budget/buckets';
import type { Stepped } from '#domain/policy/evaluate';
import { CALLS_NEED, refusalOf } from '#keyring/refusal-of';
import type { Policy } from './compile-rules.js';
import { decide, isUnpriced, type JudgedCall, type RouteWay } from './decision.js';
import type { KnownModel, Route } from './known-models.js';

const NAMES = ['credential', 'enabled', 'expiry', 'scope'] as const;

/** Where a refusal of the key itself stands. */
const STANDING: Partial<Record<RefusalCode, (typeof NAMES)[number]>> = {
  invalid_api_key: 'credential',
  key_disabled: 'enabled',
  key_expired: 'expiry',
  permission_denied: 'scope',
};

interface Explained {
  readonly key: Pick<UsableKey, 'key_id' | 'valid_until' | 'disabled' | 'expires_at' | 'scopes'> & SpendLimits;
  readonly call: Omit<JudgedCall, 'model'>;
  /** Null where there is no such model. */
  readonly model: KnownModel | null;
  /** Where it could be had, as it was asked for. */
  readonly routes: readonly Route[];
  readonly policy: Policy;
}

/**
 * The way of a request through everything that is asked of it before its limits. What the edge does, step for step, and
 * why. Limits are for who keeps them to say: `withLimits`.
 */
export function explain(explained: Explained): DecisionTrace {
  const { key, call, model, routes, policy } = explained;
  const steps = standingOf(key, call.now);
  const fallen = steps.at(-1);
  if (fallen?.result === 'fail') return denied(String(fallen.detail.code), steps);
  steps.push(modelStep(explained));
  if (model === null || routes.length === 0) return denied('model_not_found', steps);

  const asked: Stepped[] = [];
  const verdict = decide(policy, { ...call, model }, routes, (stepped) => asked.push(stepped));
  if (verdict.decision === 'deny') {
    steps.push({ step: 'rules', result: 'fail', detail: { asked } });
    const { rule: id, level, subject: about, code } = verdict;
    return { ...denied(code, steps), rule: { id, level, about } };
  }
  const providers = verdict.ways.map(({ provider }) => provider);
  steps.push({ step: 'rules', result: 'pass', detail: { asked, providers } }, priceStep(key, verdict.ways));
  const observed = [...verdict.observed];
  if (steps.at(-1)?.result === 'fail') return { ...denied('model_unpriced', steps), observed };
  return { decision: 'allow', code: null, steps: whole(steps), rule: null, observed };
}

/** Of no call at all: whether the key may make any. */
export function explainKey(key: Explained['key'], now: number): DecisionTrace {
  const steps = standingOf(key, now);
  const fallen = steps.at(-1);
  if (fallen?.result === 'fail') return denied(String(fallen.detail.code), steps);
  return { decision: 'allow', code: null, steps: whole(steps), rule: null, observed: [] };
}

/** The whole way, of a call that everything before its limits lets pass. */
export function withLimits(trace: DecisionTrace, { code, steps }: Measured): DecisionTrace {
  const before = trace.steps.filter(({ result }) => result !== 'not_reached');
  return { ...trace, decision: code === null ? 'allow' : 'deny', code, steps: whole([...before, ...steps]) };
}

interface Measured {
  readonly code: string | null;
  readonly steps: readonly TraceStep[];
}

/** What is read off the key itself, up to what it fails at. */
function standingOf(key: Explained['key'], now: number): TraceStep[] {
  const refused = refusalOf(key, now, CALLS_NEED);
  const failed = refused && STANDING[refused.code];
  const reached = failed ? NAMES.slice(0, NAMES.indexOf(failed) + 1) : NAMES;
  return reached.map((step) => {
    if (!refused || step !== failed) return { step, result: 'pass', detail: {} };
    return { step, result: 'fail', detail: { ...refused.details, code: refused.code } };
  });
}

function modelStep({ call, model, routes }: Explained): TraceStep {
  const providers = routes.map(({ provider }) => provider.id);
  const detail = { asked: call.name, model: model?.id ?? null, endpoint: call.endpoint, providers };
  return { step: 'model', result: model !== null && routes.length > 0 ? 'pass' : 'fail', detail };
}

function priceStep(key: SpendLimits, ways: readonly RouteWay[]): TraceStep {
  const priced = ways.filter(({ priced }) => priced !== null).map(({ provider }) => provider);
  if (isUnpriced(key, ways))
    return { step: 'price', result: 'fail', detail: { code: 'model_unpriced', priced, spend_limit: true } };
  return { step: 'price', result: 'pass', detail: { priced, spend_limit: hasSpendLimit(key) } };
}

function denied(code: string, steps: readonly TraceStep[]): DecisionTrace {
  return { decision: 'deny', code, steps: whole(steps), rule: null, observed: [] };
}

/** Every step there is: those behind the one that decided were not reached. */
function whole(steps: readonly TraceStep[]): TraceStep[] {
  return TRACE_STEPS.map(
    (name) => steps.find(({ step }) => step === name) ?? { step: name, result: 'not_reached', detail: {} },
  );
}
