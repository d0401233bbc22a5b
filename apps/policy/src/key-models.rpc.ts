import { KeyModelsRpc } from '#contracts/key-models';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { ListKeyModels } from './operations/list-key-models.js';

/** What rules leave of the catalogue. */
@Serve(KeyModelsRpc)
export class KeyModelsHandlers implements Serves<typeof KeyModelsRpc> {
  constructor(private readonly listKeyModelsOperation: ListKeyModels) {}

  listKeyModels(request: Asked<typeof KeyModelsRpc.listKeyModels>, context: CallContext) {
    return this.listKeyModelsOperation.run(request, context);
  }
}
