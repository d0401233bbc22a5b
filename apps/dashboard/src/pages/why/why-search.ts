import * as z from 'zod/mini';
import { orNone } from '../../parts/or-none.js';

export const whySearch = z.object({
  id: orNone(z.string().check(z.maxLength(64))),
  key: orNone(z.string().check(z.maxLength(64))),
});
