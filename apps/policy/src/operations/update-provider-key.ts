import { Injectable } from '@nestjs/common';
import type { ProviderKeysRpc, ProviderKeyView } from '#contracts/provider-keys';
import type { Asked, CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { assertRevision } from '#runtime/store/revision';
import { ProviderKeyChanges } from '../mutation/provider-key-changes.js';
import { ProviderKey } from '../store/entities.js';
import { auditedProviderKey, findProviderKey, providerKeyView } from '../store/provider-keys.js';

@Injectable()
export class UpdateProviderKey {
  constructor(private readonly changes: ProviderKeyChanges) {}

  run(request: Asked<typeof ProviderKeysRpc.updateProviderKey>, context: CallContext): Promise<ProviderKeyView> {
    const { expected_revision, name, secret } = request;
    return this.changes.change({
      name: 'updateProviderKey',
      request,
      context,
      work: async ({ db, audit }, origins) => {
        const before = await findProviderKey(db, request, true);
        assertRevision(before.revision, expected_revision);
        const sealed = secret === undefined ? {} : this.changes.sealed(secret, before, origins);
        const revision = String(BigInt(before.revision) + 1n);
        const key: ProviderKey = { ...before, name: name ?? before.name, ...sealed, revision };
        await db.update(ProviderKey, { id: key.id, organizationId: key.organizationId }, key);
        const change = difference(auditedProviderKey(before), auditedProviderKey(key));
        const replaced = secret === undefined ? {} : { secret: 'replaced' };
        audit({ action: 'provider_key.update', subject: key.id, ...change, after: { ...change.after, ...replaced } });
        return { key, answer: providerKeyView(key, origins) };
      },
    });
  }
}
