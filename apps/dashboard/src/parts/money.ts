import { NANOS_PER_UNIT, parseMoney } from '#domain/money';

/** “$12.30”; small amounts keep the digits that make them more than nothing. Never a float: the text goes in as it is. */
export function money(amount: string, currency: string): string {
  const size = sizeOf(amount);
  const digits = size >= NANOS_PER_UNIT || size === 0n ? 2 : size < 1000n ? 9 : 6;
  return formatter(currency, digits).format(amount as `${number}`);
}

/** “$10 / 1 day”: a limit, to its last digit; whole amounts without decimals. */
export function roundMoney(amount: string, currency: string): string {
  return formatter(currency, sizeOf(amount) % NANOS_PER_UNIT === 0n ? 0 : 9).format(amount as `${number}`);
}

export function symbolOf(currency: string): string {
  const parts = formatter(currency, 0).formatToParts(0);
  return parts.find(({ type }) => type === 'currency')?.value ?? currency;
}

/** How much of one is the other, between 0 and more than 1. Only for pictures: deciding is done in whole nano-units. */
export function shareOf(part: string, whole: string): number {
  const [some, all] = [parseMoney(part) ?? 0n, parseMoney(whole) ?? 0n];
  return all <= 0n ? 1 : Number((some * 10_000n) / all) / 10_000;
}

/** What is left of a limit; never less than nothing. */
export function remaining(limit: string, ...spent: readonly string[]): string {
  const left = spent.reduce((rest, amount) => rest - (parseMoney(amount) ?? 0n), parseMoney(limit) ?? 0n);
  return left <= 0n ? '0.00' : `${left / NANOS_PER_UNIT}.${(left % NANOS_PER_UNIT).toString().padStart(9, '0')}`;
}

function sizeOf(amount: string): bigint {
  const nanos = parseMoney(amount) ?? 0n;
  return nanos < 0n ? -nanos : nanos;
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(currency: string, digits: number): Intl.NumberFormat {
  const name = `${currency} ${digits}`;
  const made =
    formatters.get(name) ??
    new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      minimumFractionDigits: Math.min(2, digits),
      maximumFractionDigits: digits,
    });
  formatters.set(name, made);
  return made;
}
