import { z } from 'zod';
import { ID_PREFIXES, type IdKind, idPattern } from '#domain/id';
import { decimalOf, parseMoney } from '#domain/money';

/** An id of one kind: an id of another is refused by its shape, before any look-up. */
export function id(kind: IdKind) {
  return z
    .string()
    .regex(idPattern(kind), `must be an id that begins with ${ID_PREFIXES[kind]}_`)
    .meta({ examples: [`${ID_PREFIXES[kind]}_01JD3Q0YV6Z0C7M1W8K2R5T9XA`] });
}

/** A moment on the wire: RFC 3339, UTC. The year 0, which RFC 3339 has, Postgres has not. */
export const moment = z.iso
  .datetime({ precision: 3 })
  .refine((text) => text >= '0001', 'must not lie before the year 1')
  .meta({ examples: ['2026-11-21T08:00:00.000Z'] });

/** Money on the wire: a decimal string with at most nine decimals. */
export const amount = z
  .string()
  .refine((text) => parseMoney(text) !== null, 'must be an amount like 12.30, with at most nine decimals')
  .meta({ examples: ['12.30'] });

/** Money as people write it: a decimal string, or a JSON number where that is exact. */
export const writtenMoney = z
  .union([z.string(), z.number()], 'must be a decimal amount')
  .transform((given) => (typeof given === 'number' ? (decimalOf(given) ?? '') : given));

/** A moment as people write it, in any time zone. */
export const writtenMoment = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .pipe(moment);

/** Nano-units on the bus, where both ends count: a whole number in a string. */
export const nanos = z.string().regex(/^-?\d{1,30}$/, 'must be a whole number of nano-units');

/** A whole number from 1 up to a most, told as people write it. */
export function count(most: number) {
  return z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(most, `must be at most ${most.toLocaleString('en')}`);
}

export const revision = z.int().min(0);

export const email = z.email('must be an e-mail address').max(254, 'must have at most 254 letters');

/** No control characters, and no half of a surrogate pair: Postgres keeps neither. */
const PLAIN = /^[^\p{Cc}\p{Cs}]*$/u;

/** A name people give to things. */
export const name = z
  .string()
  .trim()
  .min(1, 'must have at least one letter')
  .max(100, 'must have at most 100 letters')
  .regex(PLAIN, 'must not have control characters');

/** Any text of at most so many letters: what people label things with, and what they look for. */
export function text(most: number) {
  return z.string().max(most, `must have at most ${most} letters`).regex(PLAIN, 'must not have control characters');
}
