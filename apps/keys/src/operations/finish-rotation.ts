import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import type { KeysRpc } from '#contracts/keys';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { KeyChanges } from '../mutation/key-changes.js';
import { Receipts } from '../receipts.js';
import { KeySecret } from '../store/entities.js';
import { writeKey } from '../store/locked-key.js';

@Injectable()
export class FinishRotation {
  constructor(
    private readonly changes: KeyChanges,
    private readonly receipts: Receipts,
  ) {}

  async run(
    request: Asked<typeof KeysRpc.finishRotation>,
    context: CallContext,
  ): Promise<Answers<typeof KeysRpc.finishRotation>> {
    const done = await this.changes.change({
      name: 'finishRotation',
      action: 'key.finish_rotation',
      request,
      context,
      change: 'rotated',
      work: async ({ db, now }, key) => {
        const ended = await db.update(KeySecret, { keyId: key.id, validUntil: MoreThan(now) }, { validUntil: now });
        if (!ended.affected) return 'unchanged';
        await writeKey(db, key.id, {}, now);
        return 'done';
      },
    });
    return { ...done.answer, receipt: await this.receipts.waitFor(done) };
  }
}
