import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PeopleRpc } from '#contracts/people';
import type { Answers, Asked } from '#contracts/rpc';
import { readPage } from '#runtime/store/page';
import { Member } from '../store/entities.js';
import { memberView } from '../store/member-view.js';

@Injectable()
export class ListMembers {
  constructor(private readonly db: DataSource) {}

  async run({
    organization_id,
    ...asked
  }: Asked<typeof PeopleRpc.listMembers>): Promise<Answers<typeof PeopleRpc.listMembers>> {
    const members = this.db
      .createQueryBuilder(Member, 'm')
      .where('m.organizationId = :organization_id AND m.removedAt IS NULL', { organization_id });
    const { rows, next_cursor } = await readPage(members, asked, 'ASC');
    return { members: rows.map(memberView), next_cursor };
  }
}
