import { Injectable } from '@nestjs/common';
import type { ExplainRpc } from '#contracts/explain';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Explainer, providersLeft } from '../explainer.js';

@Injectable()
export class Evaluate {
  constructor(private readonly explainer: Explainer) {}

  async run(
    request: Asked<typeof ExplainRpc.evaluate>,
    context: CallContext,
  ): Promise<Answers<typeof ExplainRpc.evaluate>> {
    const { trace } = await this.explainer.judge(request, context);
    const { decision, code, rule, observed } = trace;
    return { decision, code, rule, observed, providers: providersLeft(trace) };
  }
}
