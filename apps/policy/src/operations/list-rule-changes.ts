import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Answers, Asked } from '#contracts/rpc';
import type { RulesRpc } from '#contracts/rules';
import { changesSince } from '#runtime/store/change-log';

@Injectable()
export class ListRuleChanges {
  constructor(private readonly db: DataSource) {}

  run({ after }: Asked<typeof RulesRpc.listRuleChanges>): Promise<Answers<typeof RulesRpc.listRuleChanges>> {
    return changesSince<{ subject: string }>(this.db, after, ['subject']);
  }
}
