import { Injectable } from '@nestjs/common';
import type { Key, KeyChange } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { ProfileBook } from '../profile-book.js';
import type { ApiKey } from '../store/entities.js';
import { auditedKey, findKey, viewOf, type WholeKey } from '../store/key-view.js';
import { lockKey } from '../store/locked-key.js';
import { type Doing, type Done, Mutations } from './mutations.js';

interface Request {
  readonly organization_id: string;
  readonly key_id: string;
  readonly expected_revision?: number;
}

export interface KeyWork {
  readonly name: string;
  /** What the audit log calls it. */
  readonly action: `key.${string}`;
  readonly request: Request;
  readonly context: CallContext;
  readonly change: KeyChange['change'];
  /** Where nothing is to be done, it says so, and nothing is written down or told. */
  readonly work: (doing: Doing, key: ApiKey, before: WholeKey) => Promise<'done' | 'unchanged'>;
}

/** How one key is changed: locked, changed, written down with before and after, told. */
@Injectable()
export class KeyChanges {
  constructor(
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
  ) {}

  change({ name, action, request, context, change, work }: KeyWork): Promise<Done<Key>> {
    const { organization_id: organizationId, key_id: keyId } = request;
    return this.mutations.run<Key>({
      name,
      organizationId,
      needs: 'write',
      context,
      request,
      work: async (doing) => {
        const { db, now, audit, changed } = doing;
        const key = await lockKey(db, request);
        const before = await this.read(doing, organizationId, keyId);
        if ((await work(doing, key, before)) === 'unchanged') return viewOf(before, now.getTime());
        const after = await this.read(doing, organizationId, keyId);
        const [was, is] = [before, after].map((whole) => auditedKey(whole, now.getTime()));
        audit({ action, subject: keyId, ...difference(was ?? {}, is ?? {}) });
        changed({ change, project_id: key.projectId, key_id: keyId });
        return viewOf(after, now.getTime());
      },
    });
  }

  private async read({ db, now }: Doing, organizationId: string, keyId: string): Promise<WholeKey> {
    const whole = await findKey(db, { organizationId, keyId, now }, this.profiles.currencyOf);
    if (!whole) throw new Refused('not_found', { message: 'There is no such key.' });
    return whole;
  }
}
