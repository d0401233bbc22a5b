import type { GatewayRpc } from '#contracts/gateway';
import type { Answers, Asked } from '#contracts/rpc';
import type { Limits } from '#counters/limits';

/** Answered when the till has heard it: whoever is not answered tells it again, and a hold is settled once. */
export class SettleHold {
  constructor(private readonly limits: Pick<Limits, 'tillsNamed'>) {}

  async run(request: Asked<typeof GatewayRpc.settleHold>): Promise<Answers<typeof GatewayRpc.settleHold>> {
    const { till, key_id, request_id, is_kept, cost_nanos, own_key, second, requests_off, tokens_off } = request;
    const tills = this.limits.tillsNamed(till);
    await tills?.settle(key_id, {
      request: request_id,
      held: is_kept,
      cost: Number(cost_nanos),
      ownKey: own_key,
      second,
      requestsOff: requests_off,
      tokensOff: tokens_off,
    });
    return { done: tills !== undefined };
  }
}
