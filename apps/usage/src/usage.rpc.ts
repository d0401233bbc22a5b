import type { Asked, Serves } from '#contracts/rpc';
import { UsageRpc } from '#contracts/usage';
import { Serve } from '#rpc/serve';
import { GetUsage } from './operations/get-usage.js';

/** The usage service’s door: one call of the contract, one operation behind it. */
@Serve(UsageRpc)
export class UsageHandlers implements Serves<typeof UsageRpc> {
  constructor(private readonly getUsageOperation: GetUsage) {}

  getUsage(request: Asked<typeof UsageRpc.getUsage>) {
    return this.getUsageOperation.run(request);
  }
}
