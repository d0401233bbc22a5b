import { Refused } from '#contracts/refusals';
import type { ReservationsRpc } from '#contracts/reservations';
import type { Asked } from '#contracts/rpc';
import type { UsageEvent } from '#contracts/usage';
import { costOf } from '#domain/price/cost';
import { priceOf } from '#policy/wire-price';
import type { Reservation } from './reservation-row.js';

export type Told = Omit<Asked<typeof ReservationsRpc.settleReservation>, 'reservation_id'>;

/** As the edge would have told its client. */
const STATUS = { ok: 200, provider_error: 502, failed: 502, aborted: 0 } as const;

/** The event of a call, once it is known what it came to: at the price it was let in with, as at the edge. */
export function cameTo(reservation: Reservation, told: Told, now: number): UsageEvent {
  const { event, tariffs, created_at } = reservation;
  const served = told.provider ?? event.provider;
  const tariff = tariffs.find(({ provider }) => provider === served);
  if (!tariff)
    throw new Refused('invalid_request', {
      message: `provider must be one of those it was reserved for: ${tariffs.map(({ provider }) => provider).join(', ')}`,
      param: 'provider',
    });
  const { usage, outcome, estimated } = told;
  const counted = {
    input: usage.input_tokens,
    cachedInput: usage.cached_input_tokens,
    cacheWrite: usage.cache_write_tokens,
    cacheWriteHour: usage.cache_write_hour_tokens,
    output: usage.output_tokens,
    reasoning: usage.reasoning_tokens,
  };
  const { price, rate_nanos } = tariff;
  return {
    ...event,
    provider: tariff.provider,
    outcome,
    status: STATUS[outcome],
    input_tokens: usage.input_tokens,
    cached_input_tokens: usage.cached_input_tokens,
    cache_write_tokens: usage.cache_write_tokens,
    output_tokens: usage.output_tokens,
    reasoning_tokens: usage.reasoning_tokens,
    estimated,
    unpriced: price === null,
    cost_nanos: String(price ? costOf(counted, priceOf(price), BigInt(rate_nanos)) : 0n),
    duration_ms: told.duration_ms ?? Math.max(0, now - created_at.getTime()),
    first_byte_ms: told.first_byte_ms ?? null,
  };
}

export function tokensOf({ input_tokens, output_tokens }: Pick<UsageEvent, 'input_tokens' | 'output_tokens'>): number {
  return input_tokens + output_tokens;
}
