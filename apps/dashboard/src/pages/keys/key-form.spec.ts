import { describe, expect, it } from '@jest/globals';
import { endOf, limitsOf, NO_LIMITS } from './key-form.js';

describe('a key as it is filled in', () => {
  it('ends at a moment that a calendar knows, or at none', () => {
    expect(endOf({ value: 2, unit: 'hours' }, 0)).toBe(7_200_000);
    expect(endOf({ value: '7', unit: 'days' }, 0)).toBe(604_800_000);
    for (const value of [999_999_999, 0, 1.5, '', 'soon', Number.NaN])
      expect(endOf({ value, unit: 'days' }, 0)).toBeNull();
  });

  it('has its amounts as they were meant, and leaves what nobody understands for the contract', () => {
    const fields = { ...NO_LIMITS, budget: '10,50', recurring: true, amount: '1,000.50' };
    expect(limitsOf(fields)).toMatchObject({ budget: '10,50', recurring_limit: { amount: '1000.50' } });
    expect(limitsOf({ ...NO_LIMITS, budget: ' ' }).budget).toBeNull();
  });
});
