import { describe, expect, it } from '@jest/globals';
import { money, roundMoney } from './money.js';

describe('money', () => {
  it.each([
    ['10.00', '$10', '$10.00'],
    ['12.3', '$12.30', '$12.30'],
    ['0', '$0', '$0.00'],
    ['0.000004', '$0.000004', '$0.000004'],
    ['0.0000001', '$0.0000001', '$0.0000001'],
    ['1.000000001', '$1.000000001', '$1.00'],
    ['1000.5', '$1,000.50', '$1,000.50'],
  ])('%s is %s as a limit, to its last digit, and %s as a figure', (amount, limit, figure) => {
    expect(roundMoney(amount, 'USD')).toBe(limit);
    expect(money(amount, 'USD')).toBe(figure);
  });
});
