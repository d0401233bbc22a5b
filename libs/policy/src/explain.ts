import type { UsableKey } from '#contracts/keys';
import type { RefusalCode } from '#contracts/refusals';
import { type DecisionTrace, TRACE_STEPS, type TraceStep } from '#contracts/trace';
import type { Scope } from '#domain/access/scope';
import type { Stepped } from '#domain/policy/evaluate';
import { refusalOf } from '#keyring/refusal-of';
import type { Policy } from './compile-rules.js';
import { decide, type JudgedCall } from './decision.js';
import type { KnownModel, Route } from './known-models.js';

/** What calling a model needs. */
const CALLS_NEED: readonly Scope[] = ['read'];

const NAMES = ['credential', 'enabled', 'expiry', 'scope'] as const;

/** Where a refusal of the key itself stands. */
const STANDING: Partial<Record<RefusalCode, (typeof NAMES)[number]>> = {
  invalid_api_key: 'credential',
  key_disabled: 'enabled',
  key_expired: 'expiry',
  permission_denied: 'scope',
};

interface Explained {
  readonly key: Pick<UsableKey, 'key_id' | 'valid_until' | 'disabled' | 'expires_at' | 'scopes'>;
  readonly call: Omit<JudgedCall, 'model'>;
  /** Null where there is no such model. */
  readonly model: KnownModel | null;
  /** Where it could be had, as it was asked for. */
  readonly routes: readonly Route[];
  readonly policy: Policy;
  /** What the limits say, from whoever keeps them; left out they were not asked. */
  readonly limits?: readonly TraceStep[];
}

/** The way of a request through everything that is asked of it. What the edge does, step for step, and why. */
export function explain(explained: Explained): DecisionTrace {
  const { key, call, model, routes, policy, limits = [] } = explained;
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
  steps.push({ step: 'rules', result: 'pass', detail: { asked, providers } }, ...limits);
  const failed = limits.find(({ result }) => result === 'fail');
  if (failed) return denied(String(failed.detail.code), steps);
  return { decision: 'allow', code: null, steps: whole(steps), rule: null, observed: [...verdict.observed] };
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

function denied(code: string, steps: readonly TraceStep[]): DecisionTrace {
  return { decision: 'deny', code, steps: whole(steps), rule: null, observed: [] };
}

/** Every step there is: those behind the one that decided were not reached. */
function whole(steps: readonly TraceStep[]): TraceStep[] {
  return TRACE_STEPS.map(
    (name) => steps.find(({ step }) => step === name) ?? { step: name, result: 'not_reached', detail: {} },
  );
}
