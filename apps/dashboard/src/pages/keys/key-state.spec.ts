import { describe, expect, it } from '@jest/globals';
import { stateOf } from './key-state.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();
const key = { status: 'active', expires_at: null, limit_state: 'ok', previous: null } as const;
const previous = { secret_id: 'sec', preview: 'kw_…', valid_until: at(1), last_used_at: null };

describe('the badge of a key says what matters most', () => {
  it.each([
    ['nothing at all', key, 'active'],
    [
      'disabled, though all else holds',
      { ...key, status: 'disabled', expires_at: at(-1), limit_state: 'reached' },
      'disabled',
    ],
    ['expired, though its limit is reached', { ...key, status: 'expired', limit_state: 'reached' }, 'expired'],
    ['expired by the clock, before the server was asked again', { ...key, expires_at: at(0) }, 'expired'],
    ['the limit before the expiry to come', { ...key, limit_state: 'reached', expires_at: at(1) }, 'limit_reached'],
    ['near the limit before the expiry to come', { ...key, limit_state: 'near', expires_at: at(1) }, 'near_limit'],
    ['an expiry within a day before the rotation', { ...key, expires_at: at(23), previous }, 'expires_soon'],
    ['an expiry in a day is not soon', { ...key, expires_at: at(24) }, 'active'],
    ['a rotation under way', { ...key, previous }, 'rotating'],
    ['a rotation that is over', { ...key, previous: { ...previous, valid_until: at(-1) } }, 'active'],
    ['limits that cannot be told right now', { ...key, limit_state: null }, 'active'],
  ] as const)('%s', (_, facts, state) => {
    expect(stateOf(facts, NOW)).toBe(state);
  });
});
