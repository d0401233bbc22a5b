import { ProviderKeysRpc } from '#contracts/provider-keys';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { CreateProviderKey } from './operations/create-provider-key.js';
import { DeleteProviderKey } from './operations/delete-provider-key.js';
import { GetProviderKey } from './operations/get-provider-key.js';
import { ListProviderKeys } from './operations/list-provider-keys.js';
import { ResolveProviderKeys } from './operations/resolve-provider-keys.js';
import { UpdateProviderKey } from './operations/update-provider-key.js';

type Calls = typeof ProviderKeysRpc;

/** Projects’ own provider keys: one call of the contract, one operation behind it. */
@Serve(ProviderKeysRpc)
export class ProviderKeysHandlers implements Serves<Calls> {
  constructor(
    private readonly createProviderKeyOperation: CreateProviderKey,
    private readonly listProviderKeysOperation: ListProviderKeys,
    private readonly getProviderKeyOperation: GetProviderKey,
    private readonly updateProviderKeyOperation: UpdateProviderKey,
    private readonly deleteProviderKeyOperation: DeleteProviderKey,
    private readonly resolveProviderKeysOperation: ResolveProviderKeys,
  ) {}

  createProviderKey(request: Asked<Calls['createProviderKey']>, context: CallContext) {
    return this.createProviderKeyOperation.run(request, context);
  }

  listProviderKeys(request: Asked<Calls['listProviderKeys']>) {
    return this.listProviderKeysOperation.run(request);
  }

  getProviderKey(request: Asked<Calls['getProviderKey']>) {
    return this.getProviderKeyOperation.run(request);
  }

  updateProviderKey(request: Asked<Calls['updateProviderKey']>, context: CallContext) {
    return this.updateProviderKeyOperation.run(request, context);
  }

  deleteProviderKey(request: Asked<Calls['deleteProviderKey']>, context: CallContext) {
    return this.deleteProviderKeyOperation.run(request, context);
  }

  resolveProviderKeys(request: Asked<Calls['resolveProviderKeys']>, context: CallContext) {
    return this.resolveProviderKeysOperation.run(request, context);
  }
}
