import { Injectable } from '@nestjs/common';
import type { CatalogueRpc, ProviderView } from '#contracts/catalogue';
import { Refused } from '#contracts/refusals';
import type { Asked, CallContext } from '#contracts/rpc';
import { CatalogueChanges } from '../mutation/catalogue-changes.js';
import { auditedProvider, existingProvider, sayOfProvider } from '../provider-changes.js';

@Injectable()
export class CreateProvider {
  constructor(private readonly changes: CatalogueChanges) {}

  run(request: Asked<typeof CatalogueRpc.createProvider>, context: CallContext): Promise<ProviderView> {
    const { organization_id: _, id, ...wanted } = request;
    return this.changes.change({
      name: 'createProvider',
      request,
      context,
      broken: 'invalid_request',
      work: async (doing, before) => {
        if (before.provider(id))
          throw new Refused('conflict', { message: `There is a provider named ${id} already.`, param: 'id' });
        await sayOfProvider(doing, before, id, wanted);
      },
      done: ({ audit }, _, after) => {
        const provider = existingProvider(after, id);
        audit({ action: 'provider.create', subject: id, before: null, after: auditedProvider(provider) });
        return provider;
      },
    });
  }
}
