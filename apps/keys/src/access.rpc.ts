import { AccessRpc } from '#contracts/access';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { Authorize } from './operations/authorize.js';
import { GetUsableKey } from './operations/get-usable-key.js';

type Calls = typeof AccessRpc;

/** What other services ask before they act. */
@Serve(AccessRpc)
export class AccessHandlers implements Serves<Calls> {
  constructor(
    private readonly authorizeOperation: Authorize,
    private readonly getUsableKeyOperation: GetUsableKey,
  ) {}

  authorize(request: Asked<Calls['authorize']>, context: CallContext) {
    return this.authorizeOperation.run(request, context);
  }

  getUsableKey(request: Asked<Calls['getUsableKey']>) {
    return this.getUsableKeyOperation.run(request);
  }
}
