import { ImpactRpc } from '#contracts/impact';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { MeasureImpact } from './operations/measure-impact.js';

/** What rules would have done. */
@Serve(ImpactRpc)
export class ImpactHandlers implements Serves<typeof ImpactRpc> {
  constructor(private readonly measureImpactOperation: MeasureImpact) {}

  measureImpact(request: Asked<typeof ImpactRpc.measureImpact>, context: CallContext) {
    return this.measureImpactOperation.run(request, context);
  }
}
