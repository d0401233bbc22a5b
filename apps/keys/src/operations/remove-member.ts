import { Injectable } from '@nestjs/common';
import type { PeopleRpc } from '#contracts/people';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { assertMayAppoint } from '../mutation/people.js';
import { Member } from '../store/entities.js';
import { assertAnotherOwner, auditedMember, lockMember } from '../store/members.js';
import { endSessions } from '../store/open-session.js';

type Request = Asked<typeof PeopleRpc.removeMember>;

@Injectable()
export class RemoveMember {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof PeopleRpc.removeMember>> {
    await this.mutations.run({
      name: 'removeMember',
      organizationId: request.organization_id,
      needs: 'admin',
      context,
      request,
      work: (doing) => this.remove(doing, request),
    });
    return {};
  }

  private async remove({ db, who, now, audit }: Doing, request: Request): Promise<null> {
    const member = await lockMember(db, request);
    assertMayAppoint(who, member.role, null);
    if (member.role === 'owner') await assertAnotherOwner(db, member);
    const ended = await endSessions(db, member.id, now);
    // The row stays, for those who read the audit log; nothing anybody could sign in with does.
    await db.update(Member, { id: member.id }, { removedAt: now, passwordHash: null, externalIdentity: null });
    audit({
      action: 'member.remove',
      subject: member.id,
      before: auditedMember(member),
      after: { sessions_ended: ended },
    });
    return null;
  }
}
