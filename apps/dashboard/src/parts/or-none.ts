import * as z from 'zod/mini';

/** A part of an address that makes no sense is left out: an old link still opens its page. */
export function orNone<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.catch(z.optional(schema), undefined);
}
