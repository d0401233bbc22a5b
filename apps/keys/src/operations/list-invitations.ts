import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PeopleRpc } from '#contracts/people';
import type { Answers, Asked } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { readPage } from '#runtime/store/page';
import { Invitation } from '../store/entities.js';
import { invitationView } from '../store/invitation-view.js';

@Injectable()
export class ListInvitations {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  async run({
    organization_id,
    ...asked
  }: Asked<typeof PeopleRpc.listInvitations>): Promise<Answers<typeof PeopleRpc.listInvitations>> {
    const now = this.clock.date();
    const invitations = this.db
      .createQueryBuilder(Invitation, 'i')
      .where('i.organizationId = :organization_id', { organization_id });
    const { rows, next_cursor } = await readPage(invitations, asked, 'DESC');
    return { invitations: rows.map((row) => invitationView(row, now)), next_cursor };
  }
}
