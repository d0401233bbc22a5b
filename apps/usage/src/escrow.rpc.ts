import { EscrowRpc } from '#contracts/escrow';
import type { Asked, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { FindHold } from './operations/find-hold.js';
import { GrantSlices } from './operations/grant-slices.js';
import { KeepHolds } from './operations/keep-holds.js';

type Calls = typeof EscrowRpc;

/** The bank’s door for tills: one call of the contract, one operation behind it. */
@Serve(EscrowRpc)
export class EscrowHandlers implements Serves<Calls> {
  constructor(
    private readonly grantSlicesOperation: GrantSlices,
    private readonly keepHoldsOperation: KeepHolds,
    private readonly findHoldOperation: FindHold,
  ) {}

  grantSlices(request: Asked<Calls['grantSlices']>) {
    return this.grantSlicesOperation.run(request);
  }

  keepHolds(request: Asked<Calls['keepHolds']>) {
    return this.keepHoldsOperation.run(request);
  }

  findHold(request: Asked<Calls['findHold']>) {
    return this.findHoldOperation.run(request);
  }
}
