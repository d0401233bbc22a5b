import { PolicyRpc } from '#contracts/policy';
import type { Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { GetCatalogue } from './operations/get-catalogue.js';

/** The policy service’s door: one call of the contract, one operation behind it. */
@Serve(PolicyRpc)
export class PolicyHandlers implements Serves<typeof PolicyRpc> {
  constructor(private readonly getCatalogueOperation: GetCatalogue) {}

  getCatalogue() {
    return this.getCatalogueOperation.run();
  }
}
