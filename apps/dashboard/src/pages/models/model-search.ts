import * as z from 'zod/mini';
import { orNone } from '../../parts/or-none.js';

export const modelSearch = z.object({
  q: orNone(z.string().check(z.maxLength(200))),
  provider: orNone(z.string().check(z.maxLength(64))),
  price: orNone(z.enum(['free', 'paid', 'unpriced'])),
});

export type ModelSearch = z.infer<typeof modelSearch>;
