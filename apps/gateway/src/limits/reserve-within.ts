import type { Admission } from '#counters/admission';
import type { LimitAsk } from '#counters/asking';
import type { Limits } from '#counters/limits';
import type { WorstCall } from './worst-call.js';

interface Reserved {
  readonly admission: Admission;
  /** How long its answers may be where it did not say so itself. */
  readonly cap: number | null;
}

/** For the most a call can come to, or for as much of an answer as there is money for. Null where nothing limits the key. */
export function reserveWithin(
  limits: Pick<Limits, 'reserve'>,
  worst: WorstCall,
  askOf: (call: WorstCall) => LimitAsk,
): Promise<Reserved> | Reserved | null {
  const asked = limits.reserve(askOf(worst));
  if (asked instanceof Promise) return decided(limits, worst, askOf, asked);
  return asked && { admission: asked, cap: worst.cap };
}

async function decided(
  limits: Pick<Limits, 'reserve'>,
  worst: WorstCall,
  askOf: (call: WorstCall) => LimitAsk,
  asked: Promise<Admission>,
): Promise<Reserved> {
  const first = await asked;
  // Less than the model could write may still be worth something.
  const shorter = first.ok || first.affordable === null ? null : worst.within(first.affordable);
  const second = shorter && (await limits.reserve(askOf(shorter)));
  return second ? { admission: second, cap: shorter.cap } : { admission: first, cap: worst.cap };
}
