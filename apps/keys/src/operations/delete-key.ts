import { Injectable } from '@nestjs/common';
import type { KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { type Done, Mutations } from '../mutation/mutations.js';
import { ProfileBook } from '../profile-book.js';
import { Receipts } from '../receipts.js';
import { auditedKey, findKey } from '../store/key-view.js';
import { lockKey, writeKey } from '../store/locked-key.js';

@Injectable()
export class DeleteKey {
  constructor(
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
    private readonly receipts: Receipts,
  ) {}

  async run(
    request: Asked<typeof KeysRpc.deleteKey>,
    context: CallContext,
  ): Promise<Answers<typeof KeysRpc.deleteKey>> {
    const done = await this.change(request, context);
    return { id: request.key_id, receipt: await this.receipts.waitFor(done) };
  }

  change(request: Asked<typeof KeysRpc.deleteKey>, context: CallContext): Promise<Done<null>> {
    const { organization_id: organizationId, key_id: keyId } = request;
    return this.mutations.run({
      name: 'deleteKey',
      organizationId,
      needs: 'write',
      context,
      request,
      work: async ({ db, now, audit, changed }) => {
        const key = await lockKey(db, request);
        const before = await findKey(db, { organizationId, keyId, now }, this.profiles.currencyOf);
        if (!before) throw new Refused('not_found', { message: 'There is no such key.' });
        await writeKey(db, keyId, { deletedAt: now }, now);
        audit({ action: 'key.delete', subject: keyId, before: auditedKey(before, now.getTime()), after: null });
        changed({ change: 'deleted', project_id: key.projectId, key_id: keyId });
        return null;
      },
    });
  }
}
