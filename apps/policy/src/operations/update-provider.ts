import { Injectable } from '@nestjs/common';
import type { CatalogueRpc, ProviderView } from '#contracts/catalogue';
import type { Asked, CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { CatalogueChanges } from '../mutation/catalogue-changes.js';
import { auditedProvider, existingProvider, sayOfProvider } from '../provider-changes.js';

@Injectable()
export class UpdateProvider {
  constructor(private readonly changes: CatalogueChanges) {}

  run(request: Asked<typeof CatalogueRpc.updateProvider>, context: CallContext): Promise<ProviderView> {
    const { organization_id: _, provider_id: id, expected_revision, ...wanted } = request;
    return this.changes.change({
      name: 'updateProvider',
      request,
      context,
      broken: 'invalid_request',
      work: async (doing, before) => {
        existingProvider(before, id, expected_revision);
        await sayOfProvider(doing, before, id, wanted);
      },
      done: ({ audit }, before, after) => {
        const [was, is] = [existingProvider(before, id), existingProvider(after, id)];
        const change = difference(auditedProvider(was), auditedProvider(is));
        if (Object.keys(change.after).length) audit({ action: 'provider.update', subject: id, ...change });
        return is;
      },
    });
  }
}
