import { GatewayRpc } from '#contracts/gateway';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { AdmitCall } from './operations/admit-call.js';
import { ExtendHold } from './operations/extend-hold.js';
import { MeasureCall } from './operations/measure-call.js';
import { SettleHold } from './operations/settle-hold.js';

type Calls = typeof GatewayRpc;

/** What gateways answer on the bus. */
@Serve(GatewayRpc)
export class GatewayHandlers implements Serves<Calls> {
  constructor(
    private readonly measureCallOperation: MeasureCall,
    private readonly admitCallOperation: AdmitCall,
    private readonly settleHoldOperation: SettleHold,
    private readonly extendHoldOperation: ExtendHold,
  ) {}

  measureCall(request: Asked<Calls['measureCall']>) {
    return this.measureCallOperation.run(request);
  }

  admitCall(request: Asked<Calls['admitCall']>, context: CallContext) {
    return this.admitCallOperation.run(request, context);
  }

  settleHold(request: Asked<Calls['settleHold']>) {
    return this.settleHoldOperation.run(request);
  }

  extendHold(request: Asked<Calls['extendHold']>) {
    return this.extendHoldOperation.run(request);
  }
}
