import { addressOf, oneOf, words } from '../../parts/address.js';

export const OUTCOMES = ['ok', 'denied', 'provider_error', 'failed', 'aborted', 'abandoned'] as const;

export const OUTCOME_LABELS: Record<(typeof OUTCOMES)[number], string> = {
  ok: 'Served',
  denied: 'Denied',
  provider_error: 'Provider error',
  failed: 'Failed',
  aborted: 'Client left',
  abandoned: 'Abandoned',
};

export const requestSearch = addressOf({
  outcome: oneOf(OUTCOMES),
  model: words(256),
  code: words(64),
  status: words(3),
  key: words(64),
  id: words(64),
});

export type RequestSearch = ReturnType<typeof requestSearch>;
