import type { Nanos } from '#domain/money';

export const LIMIT_STATES = ['ok', 'near', 'reached'] as const;
export type LimitState = (typeof LIMIT_STATES)[number];

/** A limit and what is spent of it; a limit of null is none. */
export interface Spending {
  readonly limit: Nanos | null;
  readonly spent: Nanos;
}

/** People are warned from four fifths on. */
const NEAR_TENTHS = 8n;

/** Of a key with several limits, the worst, because each of them can stop it. */
export function limitState(spendings: readonly Spending[]): LimitState {
  const states = spendings.map(stateOf);
  return LIMIT_STATES.findLast((state) => states.includes(state)) ?? 'ok';
}

function stateOf({ limit, spent }: Spending): LimitState {
  if (limit === null) return 'ok';
  if (spent >= limit) return 'reached';
  return spent * 10n >= limit * NEAR_TENTHS ? 'near' : 'ok';
}
