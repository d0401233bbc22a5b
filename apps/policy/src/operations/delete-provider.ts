import { Injectable } from '@nestjs/common';
import type { CatalogueRpc } from '#contracts/catalogue';
import type { Asked, CallContext } from '#contracts/rpc';
import { CatalogueChanges } from '../mutation/catalogue-changes.js';
import { auditedProvider, existingProvider } from '../provider-changes.js';
import { say } from '../store/overlay.js';

@Injectable()
export class DeleteProvider {
  constructor(private readonly changes: CatalogueChanges) {}

  async run(request: Asked<typeof CatalogueRpc.deleteProvider>, context: CallContext): Promise<Record<string, never>> {
    const { provider_id: id, expected_revision } = request;
    return this.changes.change({
      name: 'deleteProvider',
      request,
      context,
      broken: 'conflict',
      work: async ({ db }, before) => {
        existingProvider(before, id, expected_revision);
        await say(db, 'provider', id, null);
      },
      done: ({ audit }, before) => {
        const gone = auditedProvider(existingProvider(before, id));
        audit({ action: 'provider.delete', subject: id, before: gone, after: null });
        return {};
      },
    });
  }
}
