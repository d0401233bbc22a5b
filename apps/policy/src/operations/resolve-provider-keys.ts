import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ProviderKeysRpc } from '#contracts/provider-keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { ProviderKey } from '../store/entities.js';
import { readHead } from '../store/provider-keys.js';

@Injectable()
export class ResolveProviderKeys {
  constructor(private readonly db: DataSource) {}

  async run(
    { organization_id: organizationId, project_id: projectId }: Asked<typeof ProviderKeysRpc.resolveProviderKeys>,
    { actor }: CallContext,
  ): Promise<Answers<typeof ProviderKeysRpc.resolveProviderKeys>> {
    if (!actor.startsWith('service:')) throw new Refused('forbidden', { message: 'This is for gateways.' });
    // Before the rows: what changes between the two reads is then in an answer that says it is older, and never the reverse.
    const as_of = await readHead(this.db.manager);
    const rows = await this.db.manager.findBy(ProviderKey, { organizationId, projectId });
    return { as_of, keys: rows.map(({ provider, sealed }) => ({ provider, sealed })) };
  }
}
