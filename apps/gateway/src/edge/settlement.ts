import type { UsableKey } from '#contracts/keys';
import type { Refused } from '#contracts/refusals';
import type { UsageEvent } from '#contracts/usage';
import { type Bill, NOTHING } from '#domain/usage/bill';
import { BYTES_PER_TOKEN } from '#domain/usage/estimate';
import { scrub } from '#runtime/log';
import type { Call } from './call.js';
import type { Exchange } from './exchange.js';
import type { Ending } from './metering.js';
import type { Offer } from './offers.js';

/** As much of a call as is told of it, wherever it is made. */
interface ToldCall extends Pick<Call, 'model' | 'stream'> {
  readonly endpoint: { readonly path: string };
}

type ToldExchange = Pick<Exchange, 'requestId' | 'startedAt' | 'trace' | 'hold'>;

interface Settled<C extends ToldCall = Call> {
  readonly exchange: ToldExchange;
  readonly key: UsableKey;
  readonly call: C;
  /** Who served it, or was asked last. */
  readonly offer: Offer;
  readonly isOwnKey: boolean;
}

/** A call that was forwarded, as the ledger will know it. */
export function settledEvent(
  { exchange, key, call, offer, isOwnKey }: Settled<ToldCall>,
  { outcome, told, code, firstByteAt }: Pick<Ending, 'outcome' | 'told' | 'code' | 'firstByteAt'>,
  bill: Bill,
  endedAt: number,
): UsageEvent {
  const { route, model, charge } = offer;
  return {
    ...factsOf(exchange, key, call.endpoint.path),
    kind: 'final',
    // People put keys in the wrong places, and a pattern in the catalogue may take anything for a model.
    model: safe(call.model),
    served_model: safe(model.id),
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

/** A call that is about to be forwarded, as the ledger will know it if nobody lives to tell more: its prompt, by its size. */
export function intendedEvent(settled: Settled): UsageEvent {
  return begunEvent(settled, Math.ceil(settled.call.body.bytes.length / BYTES_PER_TOKEN));
}

/** The same of a call whose prompt comes to so much. */
export function begunEvent(settled: Settled<ToldCall>, input: number): UsageEvent {
  const usage = { ...NOTHING, input };
  return {
    ...settledEvent(
      settled,
      { outcome: 'failed', told: 0, code: null, firstByteAt: null },
      { usage, estimated: true },
      0,
    ),
    outcome: 'abandoned',
    duration_ms: 0,
  };
}

/** A call that was refused here, as the request log will know it. It costs nothing, and no ledger counts it. */
export function deniedEvent(
  exchange: ToldExchange & { readonly call?: Pick<Call, 'model' | 'stream'> },
  key: UsableKey,
  endpoint: string,
  refused: Refused,
  status: number,
): UsageEvent {
  return {
    ...factsOf(exchange, key, endpoint),
    kind: 'denied',
    model: safe(exchange.call?.model ?? ''),
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

const MOST_NAMES = 1000;
const names = new Map<string, string>();

/** There are few names of models, and each is looked at twice for every request. */
function safe(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size >= MOST_NAMES) names.clear();
  const scrubbed = scrub(name);
  names.set(name, scrubbed);
  return scrubbed;
}

function factsOf(exchange: ToldExchange, key: UsableKey, endpoint: string) {
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
