import type { UsableKey } from '#contracts/keys';
import type { Refused } from '#contracts/refusals';
import type { UsageEvent } from '#contracts/usage';
import type { Bill } from '#domain/usage/bill';
import type { Call } from './call.js';
import type { Exchange } from './exchange.js';
import type { Ending } from './metering.js';
import type { Offer } from './offers.js';

interface Settled {
  readonly exchange: Exchange;
  readonly key: UsableKey;
  readonly call: Call;
  /** Who served it, or was asked last. */
  readonly offer: Offer;
  readonly isOwnKey: boolean;
}

/** A call that was forwarded, as the ledger will know it. */
export function settledEvent(
  { exchange, key, call, offer, isOwnKey }: Settled,
  { outcome, told, code, firstByteAt }: Ending,
  bill: Bill,
  endedAt: number,
): UsageEvent {
  const { route, model, charge } = offer;
  return {
    ...factsOf(exchange, key, call.endpoint.path),
    kind: 'final',
    model: call.model,
    served_model: model.id,
    provider: route.provider.id,
    own_key: isOwnKey,
    stream: call.stream,
    outcome,
    status: told,
    code,
    ...charge(bill),
    ...exchange.hold?.towards,
    duration_ms: endedAt - exchange.startedAt,
    first_byte_ms: firstByteAt === null ? null : firstByteAt - exchange.startedAt,
  };
}

/** A call that was refused here, as the request log will know it. It costs nothing, and no ledger counts it. */
export function deniedEvent(
  exchange: Exchange,
  key: UsableKey,
  endpoint: string,
  refused: Refused,
  status: number,
): UsageEvent {
  return {
    ...factsOf(exchange, key, endpoint),
    kind: 'denied',
    model: exchange.call?.model ?? '',
    served_model: null,
    provider: null,
    own_key: false,
    stream: exchange.call?.stream ?? false,
    outcome: 'denied',
    status,
    code: refused.code,
    input_tokens: 0,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    estimated: false,
    unpriced: false,
    cost_nanos: '0',
    currency: key.currency,
    spend_epoch: key.spend_epoch,
    window_start: null,
    project_spend_epoch: key.project_spend_epoch,
    project_window_start: null,
    prepaid: key.prepaid,
    duration_ms: Date.now() - exchange.startedAt,
    first_byte_ms: null,
  };
}

export function factsOf(exchange: Exchange, key: UsableKey, endpoint: string) {
  return {
    request_id: exchange.requestId,
    organization_id: key.organization_id,
    project_id: key.project_id,
    key_id: key.key_id,
    secret_id: key.secret_id,
    at: new Date(exchange.startedAt).toISOString(),
    endpoint,
    trace: exchange.trace,
    hold: null,
  };
}
