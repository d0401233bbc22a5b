import { Injectable } from '@nestjs/common';
import type { Organization as OrganizationView, PeopleRpc } from '#contracts/people';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { assertRevision } from '#runtime/store/revision';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { Organization } from '../store/entities.js';
import { lockOrganization } from '../store/locked-organization.js';
import { organizationView } from '../store/organization-view.js';

type Request = Asked<typeof PeopleRpc.updateOrganization>;

@Injectable()
export class UpdateOrganization {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof PeopleRpc.updateOrganization>> {
    const { answer } = await this.mutations.run({
      name: 'updateOrganization',
      organizationId: request.organization_id,
      needs: 'admin',
      context,
      request,
      work: (doing) => this.update(doing, request),
    });
    return answer;
  }

  private async update({ db, audit }: Doing, request: Request): Promise<OrganizationView> {
    const organization = await lockOrganization(db, request.organization_id);
    assertRevision(organization.revision, request.expected_revision);
    const { name = organization.name, leak_policy: leakPolicy = organization.leakPolicy } = request;
    const before = organizationView(organization);
    if (name === organization.name && leakPolicy === organization.leakPolicy) return before;
    const revision = String(BigInt(organization.revision) + 1n);
    await db.update(Organization, { id: organization.id }, { name, leakPolicy, revision });
    const after = organizationView({ ...organization, name, leakPolicy, revision });
    const { revision: _, ...was } = before;
    const { revision: __, ...is } = after;
    audit({ action: 'organization.update', subject: organization.id, ...difference(was, is) });
    return after;
  }
}
