import type { Key } from '../../api/keys.js';
import { DAY } from '../../parts/moments.js';

/** The one thing to know of a key: what stops it comes first, then what soon will. */
export type KeyState = 'disabled' | 'expired' | 'limit_reached' | 'near_limit' | 'expires_soon' | 'rotating' | 'active';

export const STATE_LABELS: Record<KeyState, string> = {
  disabled: 'Disabled',
  expired: 'Expired',
  limit_reached: 'Limit reached',
  near_limit: 'Near limit',
  expires_soon: 'Expires soon',
  rotating: 'Rotating',
  active: 'Active',
};

type Facts = Pick<Key, 'status' | 'expires_at' | 'limit_state' | 'previous'>;

export function stateOf(key: Facts, now: number): KeyState {
  const expires = key.expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(key.expires_at);
  if (key.status === 'disabled') return 'disabled';
  // It expires by the clock; the list may be a few seconds old.
  if (key.status === 'expired' || expires <= now) return 'expired';
  if (key.limit_state === 'reached') return 'limit_reached';
  if (key.limit_state === 'near') return 'near_limit';
  if (expires - now < DAY) return 'expires_soon';
  if (key.previous !== null && Date.parse(key.previous.valid_until) > now) return 'rotating';
  return 'active';
}
