import { CreditsRpc } from '#contracts/credits';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { AddCredit } from './operations/add-credit.js';
import { GetCredits } from './operations/get-credits.js';

type Calls = typeof CreditsRpc;

/** Credits: one call of the contract, one operation behind it. */
@Serve(CreditsRpc)
export class CreditsHandlers implements Serves<Calls> {
  constructor(
    private readonly addCreditOperation: AddCredit,
    private readonly getCreditsOperation: GetCredits,
  ) {}

  addCredit(request: Asked<Calls['addCredit']>, context: CallContext) {
    return this.addCreditOperation.run(request, context);
  }

  getCredits(request: Asked<Calls['getCredits']>, context: CallContext) {
    return this.getCreditsOperation.run(request, context);
  }
}
