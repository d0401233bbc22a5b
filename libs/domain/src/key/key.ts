/** The parts of a key that decide whether it may be used at all. Times are milliseconds since the epoch. */
export interface Standing {
  readonly disabledAt: number | null;
  readonly expiresAt: number | null;
}

export type KeyStatus = 'active' | 'disabled' | 'expired';

/** Expiry is a reading of the clock, not an event: nothing has to happen for a key to expire on time. */
export function statusAt(key: Standing, now: number): KeyStatus {
  if (key.disabledAt !== null) return 'disabled';
  if (key.expiresAt !== null && key.expiresAt <= now) return 'expired';
  return 'active';
}
