import { Injectable } from '@nestjs/common';
import type { ExplainRpc } from '#contracts/explain';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Explainer } from '../explainer.js';

@Injectable()
export class Explain {
  constructor(private readonly explainer: Explainer) {}

  run(request: Asked<typeof ExplainRpc.explain>, context: CallContext): Promise<Answers<typeof ExplainRpc.explain>> {
    return this.explainer.explain(request, context);
  }
}
