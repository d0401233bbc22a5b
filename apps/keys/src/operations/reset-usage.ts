import { Injectable } from '@nestjs/common';
import type { KeysRpc } from '#contracts/keys';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { KeyChanges } from '../mutation/key-changes.js';
import { writeKey } from '../store/locked-key.js';

@Injectable()
export class ResetUsage {
  constructor(private readonly changes: KeyChanges) {}

  /** Nothing is deleted: usage belongs to the count of resets it was admitted under, and the count goes up. */
  async run(
    request: Asked<typeof KeysRpc.resetUsage>,
    context: CallContext,
  ): Promise<Answers<typeof KeysRpc.resetUsage>> {
    const { answer } = await this.changes.change({
      name: 'resetUsage',
      action: 'key.reset_usage',
      request,
      context,
      change: 'reset',
      work: async ({ db, now }, key) => {
        await writeKey(db, key.id, { spendEpoch: key.spendEpoch + 1 }, now);
        return 'done';
      },
    });
    return answer;
  }
}
