import { CatalogueRpc } from '#contracts/catalogue';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { CreateModel } from './operations/create-model.js';
import { CreateProvider } from './operations/create-provider.js';
import { DeleteModel } from './operations/delete-model.js';
import { DeleteProvider } from './operations/delete-provider.js';
import { GetModel } from './operations/get-model.js';
import { GetProvider } from './operations/get-provider.js';
import { ListModels } from './operations/list-models.js';
import { ListProviders } from './operations/list-providers.js';
import { UpdateModel } from './operations/update-model.js';
import { UpdateProvider } from './operations/update-provider.js';

type Calls = typeof CatalogueRpc;

/** The catalogue, for people to read and change: one call of the contract, one operation behind it. */
@Serve(CatalogueRpc)
export class CatalogueHandlers implements Serves<Calls> {
  constructor(
    private readonly listModelsOperation: ListModels,
    private readonly getModelOperation: GetModel,
    private readonly createModelOperation: CreateModel,
    private readonly updateModelOperation: UpdateModel,
    private readonly deleteModelOperation: DeleteModel,
    private readonly listProvidersOperation: ListProviders,
    private readonly getProviderOperation: GetProvider,
    private readonly createProviderOperation: CreateProvider,
    private readonly updateProviderOperation: UpdateProvider,
    private readonly deleteProviderOperation: DeleteProvider,
  ) {}

  listModels(request: Asked<Calls['listModels']>) {
    return this.listModelsOperation.run(request);
  }

  getModel(request: Asked<Calls['getModel']>) {
    return this.getModelOperation.run(request);
  }

  createModel(request: Asked<Calls['createModel']>, context: CallContext) {
    return this.createModelOperation.run(request, context);
  }

  updateModel(request: Asked<Calls['updateModel']>, context: CallContext) {
    return this.updateModelOperation.run(request, context);
  }

  deleteModel(request: Asked<Calls['deleteModel']>, context: CallContext) {
    return this.deleteModelOperation.run(request, context);
  }

  listProviders() {
    return this.listProvidersOperation.run();
  }

  getProvider(request: Asked<Calls['getProvider']>) {
    return this.getProviderOperation.run(request);
  }

  createProvider(request: Asked<Calls['createProvider']>, context: CallContext) {
    return this.createProviderOperation.run(request, context);
  }

  updateProvider(request: Asked<Calls['updateProvider']>, context: CallContext) {
    return this.updateProviderOperation.run(request, context);
  }

  deleteProvider(request: Asked<Calls['deleteProvider']>, context: CallContext) {
    return this.deleteProviderOperation.run(request, context);
  }
}
