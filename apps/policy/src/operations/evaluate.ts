import { Injectable } from '@nestjs/common';
import type { ExplainRpc } from '#contracts/explain';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Explainer } from '../explainer.js';

@Injectable()
export class Evaluate {
  constructor(private readonly explainer: Explainer) {}

  async run(
    request: Asked<typeof ExplainRpc.evaluate>,
    context: CallContext,
  ): Promise<Answers<typeof ExplainRpc.evaluate>> {
    const { decision, code, rule, observed, steps } = await this.explainer.explain(request, context);
    const left = steps.find(({ step }) => step === 'rules')?.detail.providers;
    return { decision, code, rule, observed, providers: Array.isArray(left) ? left.map(String) : [] };
  }
}
