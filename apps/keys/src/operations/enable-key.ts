import { Injectable } from '@nestjs/common';
import type { Key, KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { KeyChanges } from '../mutation/key-changes.js';
import type { Done } from '../mutation/mutations.js';
import { expiryOf } from '../store/key-limits.js';
import { writeKey } from '../store/locked-key.js';
import { assertGrants } from './create-key.js';

@Injectable()
export class EnableKey {
  constructor(private readonly changes: KeyChanges) {}

  async run(
    request: Asked<typeof KeysRpc.enableKey>,
    context: CallContext,
  ): Promise<Answers<typeof KeysRpc.enableKey>> {
    return (await this.change(request, context)).answer;
  }

  change(request: Asked<typeof KeysRpc.enableKey>, context: CallContext): Promise<Done<Key>> {
    return this.changes.change({
      name: 'enableKey',
      action: 'key.enable',
      request,
      context,
      change: 'enabled',
      work: async ({ db, who, now }, key) => {
        assertGrants(who, key.scopes);
        const expiresAt = expiryOf(request, now) ?? undefined;
        const expired = key.expiresAt !== null && key.expiresAt <= now;
        if (expired && expiresAt === undefined) {
          throw new Refused('new_expiry_needed', {
            param: 'expires_at',
            details: { expired_at: key.expiresAt?.toISOString() },
          });
        }
        if (key.disabledAt === null && expiresAt === undefined) return 'unchanged';
        await writeKey(db, key.id, { disabledAt: null, ...(expiresAt && { expiresAt }) }, now);
        return 'done';
      },
    });
  }
}
