import { describe, expect, it } from '@jest/globals';
import { amount } from '#contracts/fields';
import { amountOf } from './amount.js';

describe('an amount as people write it', () => {
  it.each([
    ['', null],
    ['  ', null],
    ['12.30', '12.30'],
    [' 7 ', '7'],
    ['1,000', '1000'],
    ['1,000.50', '1000.50'],
    ['12,345,678.000000001', '12345678.000000001'],
    ['-1,000', '-1000'],
  ])('%j is %j', (written, meant) => {
    expect(amountOf(written)).toBe(meant);
  });

  it.each(['10,50', '1.000,50', '1,00', '1,0000', '1000,000', ',5', '1,000,', '1 000', 'ten'])(
    '%j stays what it is, and is refused',
    (written) => {
      expect(amountOf(written)).toBe(written);
      expect(amount.safeParse(amountOf(written)).success).toBe(false);
    },
  );
});
