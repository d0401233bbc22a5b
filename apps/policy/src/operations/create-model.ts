import { Injectable } from '@nestjs/common';
import type { CatalogueRpc, ModelView } from '#contracts/catalogue';
import { Refused } from '#contracts/refusals';
import type { Asked, CallContext } from '#contracts/rpc';
import { auditedModel, sayOfModel, setPrices } from '../model-changes.js';
import { CatalogueChanges } from '../mutation/catalogue-changes.js';

@Injectable()
export class CreateModel {
  constructor(private readonly changes: CatalogueChanges) {}

  run(request: Asked<typeof CatalogueRpc.createModel>, context: CallContext): Promise<ModelView> {
    const { organization_id: _, id, ...wanted } = request;
    return this.changes.change({
      name: 'createModel',
      request,
      context,
      broken: 'invalid_request',
      work: async (doing, before) => {
        if (before.model(id))
          throw new Refused('conflict', { message: `There is a model named ${id} already.`, param: 'id' });
        await setPrices(doing, before, id, wanted.routes ?? []);
        await sayOfModel(doing, before, id, wanted);
      },
      done: ({ audit }, _, after) => {
        const model = after.model(id);
        if (!model)
          throw new Refused('invalid_request', {
            message: 'Say where it can be had, or what it is an alias of: no provider here takes it.',
            param: 'routes',
          });
        audit({ action: 'model.create', subject: id, before: null, after: auditedModel(model) });
        return model;
      },
    });
  }
}
