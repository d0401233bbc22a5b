import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import { holds, type Scope } from '#domain/access/scope';

/** What a key needs to call models. */
export const CALLS_NEED: readonly Scope[] = ['read'];

/**
 * Why a key may not do something at this moment; null where it may. Read off the clock every time: a key expires
 * without anybody being told.
 */
export function refusalOf(
  key: Pick<UsableKey, 'key_id' | 'valid_until' | 'disabled' | 'expires_at' | 'scopes'>,
  now: number,
  needed: readonly Scope[] = [],
): Refused | null {
  const { key_id } = key;
  // A secret that was rotated away is a stranger like any made-up one.
  if (key.valid_until !== null && key.valid_until <= now) return new Refused('invalid_api_key');
  if (key.disabled) return new Refused('key_disabled', { details: { key_id } });
  if (key.expires_at !== null && key.expires_at <= now) {
    return new Refused('key_expired', { details: { key_id, expired_at: new Date(key.expires_at).toISOString() } });
  }
  const missing = needed.find((scope) => !holds(key.scopes, scope));
  if (missing === undefined) return null;
  return new Refused('permission_denied', {
    message: `This API key does not have the scope ${missing}.`,
    details: { key_id, needed: missing },
  });
}
