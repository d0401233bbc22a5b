import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PeopleRpc } from '#contracts/people';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { Organization } from '../store/entities.js';
import { organizationView } from '../store/organization-view.js';

@Injectable()
export class GetOrganization {
  constructor(private readonly db: DataSource) {}

  async run({
    organization_id: id,
  }: Asked<typeof PeopleRpc.getOrganization>): Promise<Answers<typeof PeopleRpc.getOrganization>> {
    const organization = await this.db.manager.findOneBy(Organization, { id });
    if (!organization) throw new Refused('not_found', { message: 'There is no such organization.' });
    return organizationView(organization);
  }
}
