import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PeopleRpc } from '#contracts/people';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { asMember } from '../mutation/actors.js';
import { Mutations } from '../mutation/mutations.js';
import { hashPassword } from '../password.js';
import { openInvitations, tokenDigest } from '../store/invitations.js';
import { join, newMemberId, noInvitation } from '../store/join.js';
import { openSession } from '../store/open-session.js';

@Injectable()
export class AcceptInvitation {
  constructor(
    private readonly db: DataSource,
    private readonly mutations: Mutations,
    private readonly clock: Clock,
  ) {}

  async run(
    { token, name, password }: Asked<typeof PeopleRpc.acceptInvitation>,
    context: CallContext,
  ): Promise<Answers<typeof PeopleRpc.acceptInvitation>> {
    const now = this.clock.date();
    // Looked at before the password is hashed: that takes a while, and is not for everybody who sends some letters.
    const invitation = await openInvitations(this.db, now)
      .andWhere('i.tokenDigest = :digest', { digest: tokenDigest(token) })
      .getOne();
    if (!invitation) throw noInvitation();
    const passwordHash = await hashPassword(password);
    const id = newMemberId(now);
    const { answer } = await this.mutations.run({
      name: 'acceptInvitation',
      organizationId: invitation.organizationId,
      needs: 'read',
      who: asMember({ id, role: invitation.role }),
      context: { ...context, idempotencyKey: undefined },
      request: null,
      work: async (doing) => {
        const member = await join(doing, invitation, id, { name, passwordHash, externalIdentity: null });
        return openSession(doing, member, context.origin, 'invitation');
      },
    });
    return answer;
  }
}
