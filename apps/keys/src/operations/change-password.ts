import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';
import { Clock } from '#runtime/clock';
import { Mutations } from '../mutation/mutations.js';
import { hashPassword, passwordMatches } from '../password.js';
import { Member } from '../store/entities.js';
import { lockMember } from '../store/members.js';
import { endSessions } from '../store/open-session.js';
import { beginAttempt, forgiveAttempts } from '../store/sign-in-attempts.js';
import { GetSession } from './get-session.js';

type Request = Asked<typeof SessionsRpc.changePassword>;

@Injectable()
export class ChangePassword {
  constructor(
    private readonly db: DataSource,
    private readonly mutations: Mutations,
    private readonly sessions: GetSession,
    private readonly clock: Clock,
  ) {}

  async run(
    { session_id, current_password, new_password }: Request,
    context: CallContext,
  ): Promise<Answers<typeof SessionsRpc.changePassword>> {
    const { member } = await this.sessions.run({ session_id });
    if (context.actor !== `member:${member.id}`)
      throw new Refused('forbidden', { message: 'Nobody changes another’s password.' });
    const known = await this.db.manager.findOneByOrFail(Member, { id: member.id });
    // A session left open must not become a place to guess the password at: the same count as at the door.
    await beginAttempt(this.db, { email: member.email, ip: undefined }, this.clock.date());
    if (known.passwordHash === null || !(await passwordMatches(current_password, known.passwordHash)))
      throw new Refused('invalid_credentials', {
        message: 'The current password is wrong.',
        param: 'current_password',
      });
    const passwordHash = await hashPassword(new_password);
    await this.mutations.run({
      name: 'changePassword',
      organizationId: member.organization_id,
      needs: 'read',
      context: { ...context, idempotencyKey: undefined },
      request: null,
      work: async ({ db, now, audit }) => {
        const locked = await lockMember(db, { organization_id: member.organization_id, member_id: member.id });
        // Somebody else has changed it since it was compared: that one counts, and this one has to know it.
        if (locked.passwordHash !== known.passwordHash)
          throw new Refused('conflict', { message: 'The password was just changed elsewhere.' });
        await db.update(Member, { id: member.id }, { passwordHash });
        await forgiveAttempts(db, member.email, now);
        const ended = await endSessions(db, member.id, now, session_id);
        audit({
          action: 'session.password_change',
          subject: member.id,
          before: null,
          after: { sessions_ended: ended },
        });
        return null;
      },
    });
    return {};
  }
}
