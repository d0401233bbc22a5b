import { Injectable } from '@nestjs/common';
import type { Member as MemberView, PeopleRpc } from '#contracts/people';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { assertMayAppoint, assertOwnOrManages } from '../mutation/people.js';
import { Member } from '../store/entities.js';
import { memberView } from '../store/member-view.js';
import { assertAnotherOwner, auditedMember, lockMember } from '../store/members.js';

type Request = Asked<typeof PeopleRpc.updateMember>;

@Injectable()
export class UpdateMember {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof PeopleRpc.updateMember>> {
    const { answer } = await this.mutations.run({
      name: 'updateMember',
      organizationId: request.organization_id,
      // Everybody may change their own name; the rest is asked of the two roles.
      needs: 'read',
      context,
      request,
      work: (doing) => this.update(doing, request),
    });
    return answer;
  }

  private async update({ db, who, audit }: Doing, request: Request): Promise<MemberView> {
    const member = await lockMember(db, request);
    const { name = member.name, role = member.role } = request;
    assertOwnOrManages(who, member);
    if (role !== member.role) {
      assertMayAppoint(who, member.role, role);
      if (member.role === 'owner') await assertAnotherOwner(db, member);
    }
    if (name === member.name && role === member.role) return memberView(member);
    const after: Member = { ...member, name, role, revision: String(BigInt(member.revision) + 1n) };
    await db.update(Member, { id: member.id }, { name, role, revision: after.revision });
    const change = difference(auditedMember(member), auditedMember(after));
    audit({ action: 'member.update', subject: member.id, ...change });
    return memberView(after);
  }
}
