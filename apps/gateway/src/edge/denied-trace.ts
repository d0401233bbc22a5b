import type { Refused } from '#contracts/refusals';
import type { DecisionTrace } from '#contracts/trace';
import { traceOfCode } from '#contracts/trace-of-code';
import type { Exchange } from './exchange.js';
import { detailsOf } from './rule-step.js';

/** Why a call was refused, with what was compared, and how large it was: as the log keeps it. Undefined where nothing was decided. */
export function deniedTrace({ trace, call }: Pick<Exchange, 'trace' | 'call'>, refused: Refused): unknown {
  const told = trace?.decision === 'deny' ? trace : traceOfCode(refused.code, refused.details);
  if (!told) return trace;
  const observed = trace?.observed ?? [];
  return { ...told, observed, ...(call ? { call: sizeOf(call) } : {}) } satisfies DecisionTrace;
}

function sizeOf(call: NonNullable<Exchange['call']>): DecisionTrace['call'] {
  const { inputTokens, maxTokens } = detailsOf(call);
  return { est_tokens: inputTokens, max_tokens: maxTokens };
}
