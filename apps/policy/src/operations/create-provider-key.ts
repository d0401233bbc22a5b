import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { ProviderKeysRpc, ProviderKeyView } from '#contracts/provider-keys';
import { Refused } from '#contracts/refusals';
import type { Asked, CallContext } from '#contracts/rpc';
import { newId } from '#domain/id';
import { ProviderKeyChanges } from '../mutation/provider-key-changes.js';
import { ProviderKey } from '../store/entities.js';
import { auditedProviderKey, providerKeyView } from '../store/provider-keys.js';

@Injectable()
export class CreateProviderKey {
  constructor(private readonly changes: ProviderKeyChanges) {}

  run(request: Asked<typeof ProviderKeysRpc.createProviderKey>, context: CallContext): Promise<ProviderKeyView> {
    const { organization_id: organizationId, project_id: projectId, provider, name, secret } = request;
    return this.changes.change({
      name: 'createProviderKey',
      request,
      context,
      work: async ({ db, now, actor, audit }, origins) => {
        const key: ProviderKey = {
          id: newId('provider_key', now.getTime(), randomBytes(10)),
          organizationId,
          projectId,
          provider,
          name,
          ...this.changes.sealed(secret, { organizationId, projectId, provider }, origins),
          createdAt: now,
          createdBy: actor,
          revision: '1',
        };
        // Of two who bring one at once, the second waits here and is then told.
        await db.createQueryBuilder().insert().into(ProviderKey).values(key).orIgnore().execute();
        if (!(await db.existsBy(ProviderKey, { id: key.id, organizationId })))
          throw new Refused('conflict', {
            message: `This project has a key for ${provider} already. Change its secret, or delete it first.`,
            param: 'provider',
          });
        audit({ action: 'provider_key.create', subject: key.id, before: null, after: auditedProviderKey(key) });
        return { key, answer: providerKeyView(key, origins) };
      },
    });
  }
}
