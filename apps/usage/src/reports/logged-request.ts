import type { LoggedRequest } from '#contracts/reports';
import { formatMoney } from '#domain/money';

/** A final or denied row, and beside it its correction, where there is one. */
export interface LoggedRow extends Omit<LoggedRequest, 'id' | 'at' | 'cost' | 'corrected' | Tokens> {
  readonly request_id: string;
  readonly at: Date;
  readonly secret_id: string | null;
  readonly trace: unknown;
  readonly cost_nanos: string;
  readonly correction: Correction | null;
  readonly input_tokens: string;
  readonly cached_input_tokens: string;
  readonly cache_write_tokens: string;
  readonly output_tokens: string;
  readonly reasoning_tokens: string;
}

type Tokens = 'input_tokens' | 'cached_input_tokens' | 'cache_write_tokens' | 'output_tokens' | 'reasoning_tokens';

type Correction = Pick<
  LoggedRequest,
  Tokens | 'outcome' | 'status' | 'code' | 'estimated' | 'unpriced' | 'duration_ms' | 'first_byte_ms'
> & {
  readonly cost_nanos: string;
};

/** What is read of each: `e` is the row, `c` its correction. */
export const LOGGED_COLUMNS = `e.request_id, e.at, e.project_id, e.key_id, e.secret_id, e.endpoint, e.model, e.served_model, e.provider,
  e.own_key, e.stream, e.outcome, e.status, e.code, e.trace, e.input_tokens, e.cached_input_tokens, e.cache_write_tokens,
  e.output_tokens, e.reasoning_tokens, e.estimated, e.unpriced, e.cost_nanos, e.currency, e.duration_ms, e.first_byte_ms,
  CASE WHEN c.request_id IS NOT NULL THEN to_jsonb(c) || jsonb_build_object('cost_nanos', c.cost_nanos::text) END AS correction`;

/** A correction is of the same moment, so it is found by its key in one partition. */
export const WITH_CORRECTION = `LEFT JOIN usage_event c
  ON c.request_id = e.request_id AND c.at = e.at AND c.kind = 'correction' AND e.outcome = 'abandoned'`;

export function loggedRequest({
  request_id,
  at,
  trace: _,
  secret_id: __,
  cost_nanos,
  correction,
  ...row
}: LoggedRow): LoggedRequest {
  const { outcome, status, code, estimated, unpriced, duration_ms, first_byte_ms } = correction ?? row;
  const tokens = (name: Tokens) => Number(row[name]) + (correction?.[name] ?? 0);
  const { project_id, key_id, endpoint, model, served_model, provider, own_key, stream, currency } = row;
  return {
    ...{
      id: request_id,
      at: at.toISOString(),
      project_id,
      key_id,
      endpoint,
      model,
      served_model,
      provider,
      own_key,
      stream,
    },
    ...{ outcome, status, code },
    input_tokens: tokens('input_tokens'),
    cached_input_tokens: tokens('cached_input_tokens'),
    cache_write_tokens: tokens('cache_write_tokens'),
    output_tokens: tokens('output_tokens'),
    reasoning_tokens: tokens('reasoning_tokens'),
    ...{ estimated, unpriced },
    cost: formatMoney(BigInt(cost_nanos) + BigInt(correction?.cost_nanos ?? 0)),
    ...{ currency, duration_ms, first_byte_ms },
    corrected: correction !== null,
  };
}
