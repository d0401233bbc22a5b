import { Injectable } from '@nestjs/common';
import type { Key, KeysRpc } from '#contracts/keys';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { KeyChanges } from '../mutation/key-changes.js';
import type { Done } from '../mutation/mutations.js';
import { Receipts } from '../receipts.js';
import { writeKey } from '../store/locked-key.js';

@Injectable()
export class DisableKey {
  constructor(
    private readonly changes: KeyChanges,
    private readonly receipts: Receipts,
  ) {}

  async run(
    request: Asked<typeof KeysRpc.disableKey>,
    context: CallContext,
  ): Promise<Answers<typeof KeysRpc.disableKey>> {
    const done = await this.change(request, context);
    return { ...done.answer, receipt: await this.receipts.waitFor(done) };
  }

  change(request: Asked<typeof KeysRpc.disableKey>, context: CallContext): Promise<Done<Key>> {
    return this.changes.change({
      name: 'disableKey',
      action: 'key.disable',
      request,
      context,
      change: 'disabled',
      work: async ({ db, now }, key) => {
        if (key.disabledAt !== null) return 'unchanged';
        await writeKey(db, key.id, { disabledAt: now }, now);
        return 'done';
      },
    });
  }
}
