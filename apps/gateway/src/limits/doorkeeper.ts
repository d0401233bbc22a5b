import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { UsageEvent } from '#contracts/usage';
import type { Admission } from '#counters/admission';
import { isLimited, type LimitAsk } from '#counters/asking';
import type { Limits } from '#counters/limits';
import { hasSpendLimit } from '#domain/budget/buckets';
import type { Claimed } from '#domain/budget/reservation';
import type { Call } from '../edge/call.js';
import type { Exchange } from '../edge/exchange.js';
import type { Offer } from '../edge/offers.js';
import { intendedEvent } from '../edge/settlement.js';
import type { ProjectKeys } from '../upstream/own-keys.js';
import { limitHeaders } from './limit-headers.js';
import { reserveWithin } from './reserve-within.js';
import { sizeOf, type WorstCall, worstCallOf } from './worst-call.js';

/** One call that wants to be let in. */
interface Caller {
  readonly exchange: Exchange;
  readonly key: UsableKey;
  readonly call: Call;
  readonly offers: readonly Offer[];
  /** The provider keys its project brings. */
  readonly own: ProjectKeys;
}

/** Lets a call in, if there is room and money for the most it can come to. */
export class Doorkeeper {
  constructor(private readonly limits: Limits) {}

  /** Null for a key that nothing limits. Throws what it is refused with. */
  reserve(caller: Caller): Promise<void> | null {
    return isLimited(caller.key) ? this.admit(caller) : null;
  }

  private async admit(caller: Caller): Promise<void> {
    const { exchange, key } = caller;
    const worst = worstCallOf(key, sizeOf(caller.call, caller.offers), caller.offers);
    const reserved = await reserveWithin(this.limits, worst, (call) => askOf(caller, call));
    if (!reserved) return;
    const { admission, cap } = reserved;
    exchange.extraHeaders = headersOf(key, admission);
    if (!admission.ok) throw admission.refused;
    exchange.hold = admission.hold;
    exchange.outputCap = cap;
    admission.hold.onLost = () =>
      exchange.cut(new Refused('service_unavailable', { cause: new Error('its hold could not be kept') }));
  }
}

function askOf({ exchange, key, call, offers, own }: Caller, { amount, tokens }: WorstCall): LimitAsk {
  const [offer] = offers;
  return {
    key,
    requestId: exchange.requestId,
    at: Date.now(),
    amount,
    tokens,
    // Credits are only for what we pay; where one route is ours, it may be the one that serves.
    ownKey: key.prepaid && offers.every(({ route }) => own.secretFor(route.provider) !== null),
    memo:
      offer && hasSpendLimit(key) ? JSON.stringify(intendedEvent({ exchange, key, call, offer, isOwnKey: false })) : '',
  };
}

/** The event of a request whose gateway is dead, from what that one had left behind; null where it left nothing. */
export function eventOfAbandoned({ memo, epoch }: Claimed): UsageEvent | null {
  try {
    const event = JSON.parse(memo) as UsageEvent | null;
    return event && { ...event, hold: { till: 'redis', epoch } };
  } catch {
    return null;
  }
}

function headersOf(key: UsableKey, { facts, ...admission }: Admission): Record<string, string> {
  const charged = [true, true, true, true, key.prepaid];
  const ask = admission.ok ? admission.hold.asking.ask : null;
  return limitHeaders(facts, { rpm: ask?.rpm ?? key.rate_limit, tpm: ask?.tpm ?? key.token_limit, charged });
}
