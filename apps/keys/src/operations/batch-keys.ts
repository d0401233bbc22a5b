import { Injectable } from '@nestjs/common';
import type { KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { KeyChanges } from '../mutation/key-changes.js';
import { type Done, Mutations } from '../mutation/mutations.js';
import { type Change, Receipts } from '../receipts.js';
import { writeKey } from '../store/locked-key.js';
import { DeleteKey } from './delete-key.js';
import { DisableKey } from './disable-key.js';
import { EnableKey } from './enable-key.js';
import { UpdateKey } from './update-key.js';

type Request = Asked<typeof KeysRpc.batchKeys>;
type Result = Answers<typeof KeysRpc.batchKeys>['results'][number];
type Which = Pick<Request, 'organization_id'> & { readonly key_id: string };

/** The same to many keys: each in a transaction of its own, one after the other, and one receipt for them all. */
@Injectable()
export class BatchKeys {
  constructor(
    private readonly mutations: Mutations,
    private readonly changes: KeyChanges,
    private readonly receipts: Receipts,
    private readonly enable: EnableKey,
    private readonly disable: DisableKey,
    private readonly remove: DeleteKey,
    private readonly update: UpdateKey,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof KeysRpc.batchKeys>> {
    await this.claim(request, context);
    const results: Result[] = [];
    let newest: Change = { revision: null, committedAt: performance.now() };
    for (const [index, key_id] of request.key_ids.entries()) {
      try {
        const which = { organization_id: request.organization_id, key_id };
        const done = await this.one(request, which, forItem(context, index));
        if (done.revision !== null) newest = done;
        results.push({ key_id, error: null });
      } catch (error) {
        if (!(error instanceof Refused) || error.status >= 500) throw error;
        results.push({ key_id, error: itemError(error) });
      }
    }
    return { results, receipt: await this.receipts.waitFor(newest) };
  }

  /**
   * A batch is not one transaction, so its Idempotency-Key stands for two things: here for what was asked, below for
   * each item. One that broke off half-way and is sent again does the rest, and nothing twice.
   */
  private async claim(request: Request, context: CallContext): Promise<void> {
    const { organization_id: organizationId } = request;
    const nothing = async () => null;
    await this.mutations.run({ name: 'batchKeys', organizationId, needs: 'write', context, request, work: nothing });
  }

  private one(request: Request, which: Which, context: CallContext): Promise<Done<unknown>> {
    const { action, expires_at, ttl, tags } = request;
    switch (action) {
      case 'enable':
        return this.enable.change({ ...which, expires_at, ttl }, context);
      case 'disable':
        return this.disable.change(which, context);
      case 'delete':
        return this.remove.change(which, context);
      case 'tag':
        return this.update.change({ ...which, tags }, context);
      case 'expire':
        return this.expire(which, context);
    }
  }

  /** From this moment on: what the clock would have done later, with a date of its own in the history. */
  private expire(request: Which, context: CallContext): Promise<Done<unknown>> {
    return this.changes.change({
      name: 'expireKey',
      action: 'key.expire',
      request,
      context,
      change: 'updated',
      work: async ({ db, now }, key) => {
        if (key.expiresAt !== null && key.expiresAt <= now) return 'unchanged';
        await writeKey(db, key.id, { expiresAt: now }, now);
        return 'done';
      },
    });
  }
}

function forItem(context: CallContext, index: number): CallContext {
  const { idempotencyKey } = context;
  return idempotencyKey === undefined ? context : { ...context, idempotencyKey: `${idempotencyKey} ${index}` };
}

function itemError({ code, message, status, param }: Refused): Result['error'] {
  return { code, message, status, param: param ?? null };
}
