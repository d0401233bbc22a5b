import { type Standing, statusAt } from './key.js';

/** What the owner of a key wants done when its secret is found in public. */
export type LeakPolicy = 'disable' | 'flag';

/** `retired`: only the secret that was being rotated away leaked; it stops working, and the key goes on with its new one. */
export type LeakOutcome = 'disabled' | 'retired' | 'flagged';

interface Leaked extends Standing {
  /** Of the secret that was found; null for the current one. */
  readonly validUntil: number | null;
}

/** Null where the secret does not work any more: nothing is left to be done. */
export function whatToDoAboutLeak(policy: LeakPolicy, found: Leaked, now: number): LeakOutcome | null {
  if (found.validUntil !== null && found.validUntil <= now) return null;
  if (policy === 'flag') return 'flagged';
  if (found.validUntil !== null) return 'retired';
  // A key that is off already can be enabled again: its owner has to know.
  return statusAt(found, now) === 'active' ? 'disabled' : 'flagged';
}
