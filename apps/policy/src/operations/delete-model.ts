import { Injectable } from '@nestjs/common';
import type { CatalogueRpc } from '#contracts/catalogue';
import type { Asked, CallContext } from '#contracts/rpc';
import { auditedModel, existingModel } from '../model-changes.js';
import { CatalogueChanges } from '../mutation/catalogue-changes.js';
import { say } from '../store/overlay.js';

@Injectable()
export class DeleteModel {
  constructor(private readonly changes: CatalogueChanges) {}

  async run(request: Asked<typeof CatalogueRpc.deleteModel>, context: CallContext): Promise<Record<string, never>> {
    const { model_id: id, expected_revision } = request;
    return this.changes.change({
      name: 'deleteModel',
      request,
      context,
      broken: 'conflict',
      work: async ({ db }, before) => {
        existingModel(before, id, expected_revision);
        await say(db, 'model', id, null);
      },
      done: ({ audit }, before) => {
        audit({ action: 'model.delete', subject: id, before: auditedModel(existingModel(before, id)), after: null });
        return {};
      },
    });
  }
}
