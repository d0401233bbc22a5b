import { Injectable } from '@nestjs/common';
import type { CatalogueRpc, ModelView } from '#contracts/catalogue';
import type { Asked, CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { auditedModel, existingModel, sayOfModel, setPrices } from '../model-changes.js';
import { CatalogueChanges } from '../mutation/catalogue-changes.js';

@Injectable()
export class UpdateModel {
  constructor(private readonly changes: CatalogueChanges) {}

  run(request: Asked<typeof CatalogueRpc.updateModel>, context: CallContext): Promise<ModelView> {
    const { organization_id: _, model_id: id, expected_revision, ...wanted } = request;
    return this.changes.change({
      name: 'updateModel',
      request,
      context,
      broken: 'invalid_request',
      work: async (doing, before) => {
        existingModel(before, id, expected_revision);
        await setPrices(doing, before, id, wanted.routes ?? []);
        await sayOfModel(doing, before, id, wanted);
      },
      done: ({ audit }, before, after) => {
        const [was, is] = [existingModel(before, id), existingModel(after, id)];
        const change = difference(auditedModel(was), auditedModel(is));
        if (Object.keys(change.after).length) audit({ action: 'model.update', subject: id, ...change });
        return is;
      },
    });
  }
}
