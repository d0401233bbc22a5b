import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { PeopleRpc } from '#contracts/people';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { newId } from '#domain/id';
import { Clock } from '#runtime/clock';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { hashPassword } from '../password.js';
import { ProfileBook } from '../profile-book.js';
import { Member, Organization, Project } from '../store/entities.js';
import { newMemberId } from '../store/join.js';
import { memberView } from '../store/member-view.js';
import { assertEmailFree, auditedMember } from '../store/members.js';
import { organizationView } from '../store/organization-view.js';
import { auditedProject, newProject, projectView } from '../store/projects.js';

type Request = Asked<typeof PeopleRpc.createOrganization>;
type Answer = Answers<typeof PeopleRpc.createOrganization>;

/** A first project has nothing of its own yet. */
const UNLIMITED = { defaults: {}, budget: null, recurring_limit: null };

@Injectable()
export class CreateOrganization {
  constructor(
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
    private readonly clock: Clock,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    if (!context.actor.startsWith('service:'))
      throw new Refused('forbidden', { message: 'Only services of the platform create organizations.' });
    const id = newId('organization', this.clock.now(), randomBytes(10));
    const { password, ...owner } = request.owner;
    const passwordHash = await hashPassword(password);
    const { answer } = await this.mutations.run({
      name: 'createOrganization',
      organizationId: id,
      needs: 'admin',
      context,
      request: { ...request, owner },
      work: (doing) => this.create(doing, id, request, passwordHash),
    });
    return answer;
  }

  private async create(doing: Doing, id: string, request: Request, passwordHash: string): Promise<Answer> {
    const { db, now, audit } = doing;
    const { email, name = email } = request.owner;
    await assertEmailFree(db, email, 'owner.email');
    const organization: Organization = {
      id,
      name: request.name,
      leakPolicy: 'disable',
      prepaid: [],
      createdAt: now,
      revision: '1',
    };
    const owner: Member = {
      id: newMemberId(now),
      organizationId: id,
      email,
      name,
      role: 'owner',
      passwordHash,
      externalIdentity: null,
      createdAt: now,
      lastSignInAt: null,
      removedAt: null,
      revision: '1',
    };
    const project = newProject({ organizationId: id, ...request.project, ...UNLIMITED }, this.profiles, now);
    await db.insert(Organization, organization);
    await db.insert(Member, owner);
    await db.insert(Project, project);
    const view = organizationView(organization);
    audit({ action: 'organization.create', subject: id, before: null, after: { name: view.name } });
    audit({ action: 'member.create', subject: owner.id, before: null, after: auditedMember(owner) });
    audit({ action: 'project.create', subject: project.id, before: null, after: auditedProject(project) });
    return { organization: view, owner: memberView(owner), project: projectView(project, 0, this.profiles) };
  }
}
