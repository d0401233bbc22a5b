import type { Refused } from '#contracts/refusals';
import type { Reserved, TillFacts } from '#domain/budget/reservation';
import type { Nanos } from '#domain/money';
import type { Asking } from './asking.js';
import type { Hold } from './hold.js';
import { outOfMoney, remainingOf, tooFast } from './standing.js';

export type Admission =
  | {
      readonly ok: true;
      readonly hold: Hold;
      readonly facts: TillFacts;
      /** What is enforced here: shares, where gateways cannot count together. */
      readonly rates: { readonly rpm: number | null; readonly tpm: number | null };
    }
  | {
      readonly ok: false;
      readonly refused: Refused;
      /** What a smaller request could still cost; null where money is not what is missing. */
      readonly affordable: Nanos | null;
      readonly facts: TillFacts;
    };

export function limitedBy(facts: Extract<Reserved, { outcome: 'limited' }>, { ask }: Asking): Admission {
  const limit = { rpm: ask.rpm, tpm: ask.tpm, parallel: ask.parallel }[facts.by] ?? 0;
  return { ok: false, refused: tooFast(facts, facts.by, facts.retryAt, limit), affordable: null, facts };
}

/** With what the bank said is free it would: it was short of somebody's larger request. */
export function fits({ slots }: Reserved, { ask }: Asking): boolean {
  return slots.every((slot, i) => !slot || !ask.charged[i] || slot.slice + Number(slot.free) >= ask.amount);
}

export function outOf(facts: Reserved, slot: number, { ask, buckets }: Asking): Admission {
  const affordable = remainingOf(facts, ask.charged);
  return { ok: false, refused: outOfMoney(facts, slot, buckets[slot] ?? null), affordable, facts };
}

/** As who finds a slice empty would say it, of one that soon will be. */
export function shortSoon(facts: TillFacts & Pick<Reserved, 'claims'>): Extract<Reserved, { outcome: 'refill' }> {
  return { ...facts, outcome: 'refill', why: 'short', slot: -1, returned: [0, 0, 0, 0, 0] };
}
