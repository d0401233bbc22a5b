import type { DecisionTrace, TraceStep } from './trace.js';

type Step = TraceStep['step'];

/** In the order in which they are asked; the limits behind them are reserved together. */
const STANDING: readonly Step[] = ['credential', 'enabled', 'expiry', 'scope', 'model', 'rules', 'price'];

const STEP_OF: Readonly<Record<string, Step>> = {
  invalid_api_key: 'credential',
  key_disabled: 'enabled',
  key_expired: 'expiry',
  permission_denied: 'scope',
  model_not_found: 'model',
  model_not_allowed: 'rules',
  provider_not_allowed: 'rules',
  pricing_not_allowed: 'rules',
  condition_not_met: 'rules',
  model_unpriced: 'price',
  spend_limit_reached: 'budget',
  period_spend_limit_reached: 'period',
  insufficient_credits: 'credits',
  rate_limit_exceeded: 'rpm',
  token_rate_limit_exceeded: 'tpm',
  request_exceeds_token_limit: 'tpm',
  concurrency_limit_exceeded: 'concurrency',
  upstream_error: 'provider',
  upstream_timeout: 'provider',
};

const LIMITS: readonly Step[] = ['budget', 'period', 'credits', 'rpm', 'tpm', 'concurrency'];

/**
 * What a refusal tells of a decision whose steps nobody wrote down: where it ended, with the values it names, and what it had
 * passed to get there. Of the other limits it says nothing, so they are left out. Null where nothing was decided.
 */
export function traceOfCode(code: string | null, values: Readonly<Record<string, unknown>> = {}): DecisionTrace | null {
  const failed = code === null ? undefined : STEP_OF[code];
  if (failed === undefined) return null;
  const place = STANDING.indexOf(failed);
  const known = place === -1 ? [...STANDING, failed] : STANDING;
  const resultOf = (step: Step, index: number) => {
    if (step === failed) return 'fail';
    return place === -1 || index < place ? 'pass' : 'not_reached';
  };
  const detail =
    LIMITS.includes(failed) && values.limit !== undefined ? { code, limits: [values] } : { ...values, code };
  const steps = known.map((step, index) => ({
    step,
    result: resultOf(step, index),
    detail: step === failed ? detail : {},
  }));
  return { decision: 'deny', code, steps: [...steps] as TraceStep[], rule: null, observed: [] };
}
