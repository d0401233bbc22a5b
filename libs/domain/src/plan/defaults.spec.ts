import { describe, expect, it } from '@jest/globals';
import { atMost, capped } from './defaults.js';

describe('a plan’s maximum', () => {
  it.each([
    [100, 60, 60],
    [60, 100, 60],
    [60, null, 60],
    [null, 60, 60],
    [null, null, null],
  ])('%s under %s is %s', (value, most, expected) => {
    expect(atMost(value, most)).toBe(expected);
  });

  it('lowers the defaults that were above it, and leaves alone what was never set', () => {
    const defaults = { rate_limit: 500, token_limit: null, max_parallel: 7 };
    expect(capped(defaults, { maxRateLimit: 60, maxTokenLimit: 1000 })).toEqual({
      rate_limit: 60,
      token_limit: null,
      max_parallel: 7,
    });
  });
});
