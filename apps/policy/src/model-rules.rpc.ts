import { ModelRulesRpc } from '#contracts/model-rules';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { ListModelRules } from './operations/list-model-rules.js';

/** What a change of a model would touch. */
@Serve(ModelRulesRpc)
export class ModelRulesHandlers implements Serves<typeof ModelRulesRpc> {
  constructor(private readonly listModelRulesOperation: ListModelRules) {}

  listModelRules(request: Asked<typeof ModelRulesRpc.listModelRules>, context: CallContext) {
    return this.listModelRulesOperation.run(request, context);
  }
}
