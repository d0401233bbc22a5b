/**
 * Money is a whole number of nano-units (a billionth of the currency's unit) in a bigint, and a decimal string on
 * every wire. No float ever holds an amount: 0.1 + 0.2 is somebody's bill.
 */
export type Nanos = bigint;

export const NANOS_PER_UNIT = 1_000_000_000n;

const DECIMAL = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/;

/** `"12.3"` → 12300000000n; null where the text is no amount with at most nine decimals. */
export function parseMoney(text: string): Nanos | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const [, sign, whole = '0', fraction = ''] = match;
  const nanos = BigInt(whole) * NANOS_PER_UNIT + BigInt(fraction.padEnd(9, '0'));
  return sign ? -nanos : nanos;
}

/** 12300000000n → `"12.30"`: at least two decimals, and no more than the amount needs. */
export function formatMoney(nanos: Nanos): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = (size % NANOS_PER_UNIT)
    .toString()
    .padStart(9, '0')
    .replace(/0{1,7}$/, '');
  return `${nanos < 0n ? '-' : ''}${size / NANOS_PER_UNIT}.${fraction}`;
}

/** A JSON number as the decimal it was written as, for as long as a double tells it apart; null with more than nine decimals. */
export function decimalOf(value: number): string | null {
  const fixed = value.toFixed(9);
  return Number(fixed) === value ? fixed.replace(/\.?0+$/, '') : null;
}
