import * as z from 'zod/mini';
import { orNone } from '../../parts/or-none.js';

export const OUTCOMES = ['ok', 'denied', 'provider_error', 'failed', 'aborted', 'abandoned'] as const;

export const OUTCOME_LABELS: Record<(typeof OUTCOMES)[number], string> = {
  ok: 'Served',
  denied: 'Denied',
  provider_error: 'Provider error',
  failed: 'Failed',
  aborted: 'Client left',
  abandoned: 'Abandoned',
};

export const requestSearch = z.object({
  outcome: orNone(z.enum(OUTCOMES)),
  model: orNone(z.string().check(z.maxLength(256))),
  code: orNone(z.string().check(z.maxLength(64))),
  key: orNone(z.string().check(z.maxLength(64))),
  id: orNone(z.string().check(z.maxLength(64))),
});

export type RequestSearch = z.infer<typeof requestSearch>;
