import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccessRpc } from '#contracts/access';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { ResolveKey } from './resolve-key.js';

/** Of several secrets the one that stays, and the revision that no answer about it may be older than. */
const CURRENT = `
  SELECT s.digest, head.revision FROM head, key_secret s JOIN api_key k ON k.id = s.key_id
   WHERE k.organization_id = $1 AND k.id = $2 AND k.deleted_at IS NULL AND s.valid_until IS NULL`;

@Injectable()
export class GetUsableKey {
  constructor(
    private readonly db: DataSource,
    private readonly resolveKey: ResolveKey,
  ) {}

  /** The very answer a gateway gets, so that who explains and who decides look at the same key. */
  async run({
    organization_id,
    key_id,
  }: Asked<typeof AccessRpc.getUsableKey>): Promise<Answers<typeof AccessRpc.getUsableKey>> {
    const [current]: { digest: string; revision: string }[] = await this.db.query(CURRENT, [organization_id, key_id]);
    const answer =
      current && (await this.resolveKey.run({ digest: current.digest, at_least: Number(current.revision) }));
    if (!answer?.key) throw new Refused('not_found', { message: 'There is no such key.' });
    return answer.key;
  }
}
