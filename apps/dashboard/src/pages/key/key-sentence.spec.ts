import { describe, expect, it } from '@jest/globals';
import { sentenceOf } from './key-sentence.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();
const key = {
  status: 'active',
  expires_at: null,
  limit_state: 'ok',
  previous: null,
  period: null,
  budget: null,
  usage: '9.00',
  recurring_limit: { amount: '10.00', every: 1, unit: 'day', anchor: 'rolling' },
  currency: 'USD',
} as const;
const period = { started_at: at(-20), resets_at: at(4), usage: '9.00' };
const previous = { secret_id: 'sec', preview: 'kw_…', valid_until: at(2), last_used_at: null };

describe('a key says how it stands, and what happens to it first', () => {
  it.each([
    ['nothing', key, /^It works, and never expires\.$/],
    ['the period', { ...key, period }, /^It works; its period resets in 4 hours, with \$9/],
    ['near: the period', { ...key, limit_state: 'near', period }, /of a limit; its period resets in 4 hours/],
    [
      'near: the expiry before it',
      { ...key, limit_state: 'near', period, expires_at: at(1) },
      /of a limit; it expires in 1 hour, on /,
    ],
    ['near, and nothing to come', { ...key, limit_state: 'near' }, /of a limit\.$/],
    ['reached: the period', { ...key, limit_state: 'reached', period }, /until the next one begins in 4 hours\.$/],
    [
      'reached: the expiry before it',
      { ...key, limit_state: 'reached', period, expires_at: at(1) },
      /it expires in 1 /,
    ],
    [
      'rotating: the old secret',
      { ...key, period, previous },
      /^It works with two secrets; the old secret stops in 2 h/,
    ],
    [
      'expires soon: the old secret before it',
      { ...key, previous, expires_at: at(3) },
      /; the old secret stops in 2 h/,
    ],
  ] as const)('%s', (_, facts, said) => {
    expect(sentenceOf(facts as Parameters<typeof sentenceOf>[0], NOW)).toMatch(said);
  });
});
