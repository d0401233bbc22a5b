import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type { Organization as OrganizationView, PeopleRpc } from '#contracts/people';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { Organization, Project } from '../store/entities.js';
import { lockOrganization } from '../store/locked-organization.js';
import { organizationView } from '../store/organization-view.js';

type Request = Asked<typeof PeopleRpc.setPrepaid>;

@Injectable()
export class SetPrepaid {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof PeopleRpc.setPrepaid>> {
    if (!context.actor.startsWith('service:'))
      throw new Refused('forbidden', { message: 'It follows from the first credits, and is said by nobody.' });
    const { answer } = await this.mutations.run({
      name: 'setPrepaid',
      organizationId: request.organization_id,
      needs: 'admin',
      context,
      request,
      work: (doing) => this.set(doing, request),
    });
    return answer;
  }

  private async set({ db, audit, changed }: Doing, request: Request): Promise<OrganizationView> {
    const { organization_id: organizationId, currency } = request;
    const organization = await lockOrganization(db, organizationId);
    if (organization.prepaid.includes(currency)) return organizationView(organization);
    const prepaid = [...organization.prepaid, currency].sort();
    const revision = String(BigInt(organization.revision) + 1n);
    // Locked before the head is: a change of a project that is under way comes first.
    const projects = await db.find(Project, {
      where: { organizationId, deletedAt: IsNull() },
      order: { id: 'ASC' },
      lock: { mode: 'pessimistic_write' },
    });
    await db.update(Organization, { id: organizationId }, { prepaid, revision });
    audit({
      action: 'organization.update',
      subject: organizationId,
      before: { prepaid: organization.prepaid },
      after: { prepaid },
    });
    // All its keys: gateways know of keys and of projects.
    for (const { id } of projects) changed({ change: 'project_updated', project_id: id, key_id: null });
    return organizationView({ ...organization, prepaid, revision });
  }
}
