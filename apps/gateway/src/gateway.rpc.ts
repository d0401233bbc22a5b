import { GatewayRpc } from '#contracts/gateway';
import type { Asked, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { MeasureCall } from './operations/measure-call.js';

/** What gateways answer on the bus. */
@Serve(GatewayRpc)
export class GatewayHandlers implements Serves<typeof GatewayRpc> {
  constructor(private readonly measureCallOperation: MeasureCall) {}

  measureCall(request: Asked<typeof GatewayRpc.measureCall>) {
    return this.measureCallOperation.run(request);
  }
}
