import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Answers, Asked } from '#contracts/rpc';
import type { RulesRpc } from '#contracts/rules';
import { countRules } from '../store/rule-sets.js';

@Injectable()
export class GetRuleCounts {
  constructor(private readonly db: DataSource) {}

  async run({
    organization_id,
    key_ids,
  }: Asked<typeof RulesRpc.getRuleCounts>): Promise<Answers<typeof RulesRpc.getRuleCounts>> {
    const counts = await countRules(this.db, organization_id, key_ids);
    return { keys: [...counts].map(([key_id, rules]) => ({ key_id, rules })) };
  }
}
