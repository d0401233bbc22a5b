import { ExplainRpc } from '#contracts/explain';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { Evaluate } from './operations/evaluate.js';
import { Explain } from './operations/explain.js';

type Calls = typeof ExplainRpc;

/** What would come of a call, and why. */
@Serve(ExplainRpc)
export class ExplainHandlers implements Serves<Calls> {
  constructor(
    private readonly evaluateOperation: Evaluate,
    private readonly explainOperation: Explain,
  ) {}

  evaluate(request: Asked<Calls['evaluate']>, context: CallContext) {
    return this.evaluateOperation.run(request, context);
  }

  explain(request: Asked<Calls['explain']>, context: CallContext) {
    return this.explainOperation.run(request, context);
  }
}
