import type { Admission } from '#counters/admission';
import type { LimitAsk } from '#counters/asking';
import type { Limits } from '#counters/limits';
import type { WorstCall } from './worst-call.js';

interface Within {
  readonly admission: Admission;
  /** What its answer has to be capped to, where it sets no cap itself. */
  readonly cap: number | null;
}

/** For the most a call can come to; or, where it may be shortened, for what there is money for. Null where nothing limits its key. */
export async function reserveWithin(
  limits: Pick<Limits, 'reserve'>,
  worst: WorstCall,
  askFor: (call: WorstCall) => LimitAsk,
): Promise<Within | null> {
  const first = await limits.reserve(askFor(worst));
  if (!first) return null;
  // Less than the model could write may still be worth something.
  const shorter = first.ok || first.affordable === null ? null : worst.within(first.affordable);
  const second = shorter && (await limits.reserve(askFor(shorter)));
  return second ? { admission: second, cap: shorter.cap } : { admission: first, cap: worst.cap };
}
