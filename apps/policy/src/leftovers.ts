import { DAY, type Leftover } from '#runtime/store/housekeeping';

/**
 * What housekeeping clears away here. Rules of deleted keys and of people who have left stay: what those have made is
 * bound by them. Catalogues stay as well: what a model cost last March can still be read.
 */
export const LEFTOVERS: readonly Leftover[] = [
  { table: 'idempotency', keep: DAY, old: 'at < $1' },
  // One that was never told is not old, whatever its age. A gateway that asks for those before drops all it holds.
  { table: 'change', keep: 7 * DAY, old: 'at < $1 AND told_at IS NOT NULL' },
];
