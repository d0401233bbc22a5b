import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { ProfileBook } from '../profile-book.js';
import { findKey, viewOf } from '../store/key-view.js';

@Injectable()
export class GetKey {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly profiles: ProfileBook,
  ) {}

  async run({ organization_id, key_id }: Asked<typeof KeysRpc.getKey>): Promise<Answers<typeof KeysRpc.getKey>> {
    const now = this.clock.date();
    const which = { organizationId: organization_id, keyId: key_id, now };
    const key = await findKey(this.db, which, this.profiles.currencyOf);
    if (!key) throw new Refused('not_found', { message: 'There is no such key.' });
    return viewOf(key, now.getTime());
  }
}
