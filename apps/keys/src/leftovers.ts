import { DAY, type Leftover } from '#runtime/store/housekeeping';

/** What housekeeping clears away here. */
export const LEFTOVERS: readonly Leftover[] = [
  { table: 'idempotency', keep: DAY, old: 'at < $1' },
  { table: 'sign_in_failure', keep: DAY, old: 'at < $1' },
  // One that was never told is not old, whatever its age. A gateway that asks for those before drops all it holds.
  { table: 'change', keep: 7 * DAY, old: 'at < $1 AND told_at IS NOT NULL' },
  { table: 'webhook_delivery', keep: 30 * DAY, old: 'created_at < $1' },
  { table: 'session', keep: 30 * DAY, old: 'least(ended_at, expires_at) < $1' },
];
