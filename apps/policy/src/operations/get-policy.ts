import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Answers, Asked } from '#contracts/rpc';
import type { RulesRpc } from '#contracts/rules';
import { rulesAt } from '../store/rule-sets.js';

@Injectable()
export class GetPolicy {
  constructor(private readonly db: DataSource) {}

  async run({
    organization_id,
    subjects,
  }: Asked<typeof RulesRpc.getPolicy>): Promise<Answers<typeof RulesRpc.getPolicy>> {
    const { asOf, sets } = await rulesAt(this.db, organization_id, subjects);
    return { as_of: asOf, sets };
  }
}
