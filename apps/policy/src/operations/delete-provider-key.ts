import { Injectable } from '@nestjs/common';
import type { ProviderKeysRpc } from '#contracts/provider-keys';
import type { Asked, CallContext } from '#contracts/rpc';
import { assertRevision } from '#runtime/store/revision';
import { ProviderKeyChanges } from '../mutation/provider-key-changes.js';
import { ProviderKey } from '../store/entities.js';
import { auditedProviderKey, findProviderKey } from '../store/provider-keys.js';

@Injectable()
export class DeleteProviderKey {
  constructor(private readonly changes: ProviderKeyChanges) {}

  run(request: Asked<typeof ProviderKeysRpc.deleteProviderKey>, context: CallContext): Promise<Record<string, never>> {
    return this.changes.change({
      name: 'deleteProviderKey',
      request,
      context,
      work: async ({ db, audit }) => {
        const key = await findProviderKey(db, request, true);
        assertRevision(key.revision, request.expected_revision);
        await db.delete(ProviderKey, { id: key.id, organizationId: key.organizationId });
        audit({ action: 'provider_key.delete', subject: key.id, before: auditedProviderKey(key), after: null });
        return { key, answer: {} };
      },
    });
  }
}
