import type { GatewayRpc } from '#contracts/gateway';
import type { Answers, Asked } from '#contracts/rpc';
import type { Limits } from '#counters/limits';

export class ExtendHold {
  constructor(private readonly limits: Pick<Limits, 'tillsNamed'>) {}

  async run(request: Asked<typeof GatewayRpc.extendHold>): Promise<Answers<typeof GatewayRpc.extendHold>> {
    const { till, key_id, request_id, seconds } = request;
    await this.limits.tillsNamed(till)?.extend(key_id, [request_id], seconds * 1000);
    return {};
  }
}
