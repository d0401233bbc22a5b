import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decimalOf, formatMoney, parseMoney } from '#domain/money';

describe('money', () => {
  it.each([
    ['0', 0n, '0.00'],
    ['12.3', 12_300_000_000n, '12.30'],
    ['1000', 1_000_000_000_000n, '1000.00'],
    ['0.000000001', 1n, '0.000000001'],
    ['-4.5', -4_500_000_000n, '-4.50'],
    ['10.125', 10_125_000_000n, '10.125'],
  ])('reads %s and writes it back in full', (text, nanos, written) => {
    expect(parseMoney(text)).toBe(nanos);
    expect(formatMoney(nanos)).toBe(written);
  });

  it.each(['', ' 1', '1e3', '1.', '.5', '0.0000000001', '1,000', 'NaN', '--1', '1'.repeat(19)])(
    'refuses %j',
    (text) => {
      expect(parseMoney(text)).toBeNull();
    },
  );

  it('never loses a nano on the way to text and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }), (nanos) => {
        expect(parseMoney(formatMoney(nanos))).toBe(nanos);
      }),
    );
  });

  it.each([
    [1000, '1000'],
    [0, '0'],
    [0.1, '0.1'],
    [12.5, '12.5'],
    [1e-7, '0.0000001'],
    [0.1 + 0.2, null],
    [1e-10, null],
  ])('takes the number %p for the decimal it was written as', (value, text) => {
    expect(decimalOf(value)).toBe(text);
  });
});
