import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';
import { Clock } from '#runtime/clock';
import { asMember } from '../mutation/actors.js';
import { Mutations } from '../mutation/mutations.js';
import { passwordMatches, wasteTime } from '../password.js';
import type { Member } from '../store/entities.js';
import { lockMember, memberByEmail } from '../store/members.js';
import { openSession } from '../store/open-session.js';
import { beginAttempt, forgiveAttempts } from '../store/sign-in-attempts.js';

@Injectable()
export class SignIn implements OnApplicationShutdown {
  private readonly writing = new Set<Promise<unknown>>();

  constructor(
    private readonly db: DataSource,
    private readonly mutations: Mutations,
    private readonly clock: Clock,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.writing);
  }

  async run(
    { email, password, ip }: Asked<typeof SessionsRpc.signIn>,
    context: CallContext,
  ): Promise<Answers<typeof SessionsRpc.signIn>> {
    await beginAttempt(this.db, { email, ip }, this.clock.date());
    const member = await memberByEmail(this.db, email);
    // The same refusal after the same time: nobody learns here who has an account.
    if (member?.passwordHash == null) await wasteTime(password);
    if (member?.passwordHash == null || !(await passwordMatches(password, member.passwordHash))) {
      if (member) this.writeDownFailure(member, context);
      throw new Refused('invalid_credentials');
    }
    return this.open(member, context);
  }

  private async open(known: Member, context: CallContext): Promise<Answers<typeof SessionsRpc.signIn>> {
    const { answer } = await this.mutations.run({
      name: 'signIn',
      organizationId: known.organizationId,
      needs: 'read',
      who: asMember(known),
      context: { ...context, idempotencyKey: undefined },
      request: null,
      work: async (doing) => {
        const member = await stillTheSame(doing.db, known);
        await forgiveAttempts(doing.db, member.email, doing.now);
        return openSession(doing, member, context.origin, 'password');
      },
    });
    return answer;
  }

  /** Not waited for: the time it takes would tell which e-mails are somebody's. */
  private writeDownFailure(member: Member, context: CallContext): void {
    const written = this.mutations
      .run({
        name: 'signIn',
        organizationId: member.organizationId,
        needs: 'read',
        // Whoever it was, it was not shown to be the member: the one who asked is the service.
        context: { ...context, actor: 'service:keys', idempotencyKey: undefined },
        request: null,
        work: async ({ audit }) =>
          audit({ action: 'session.sign_in_failed', subject: member.id, before: null, after: { by: 'password' } }),
      })
      // Without the database there is no sign-in either; the attempt itself is counted already.
      .catch(() => {})
      .finally(() => this.writing.delete(written));
    this.writing.add(written);
  }
}

/** Once more, because comparing a password takes its time: they may have been removed, or the password changed, meanwhile. */
async function stillTheSame(db: EntityManager, known: Member): Promise<Member> {
  const which = { organization_id: known.organizationId, member_id: known.id };
  const member = await lockMember(db, which).catch((error: unknown) => {
    throw error instanceof Refused ? new Refused('invalid_credentials') : error;
  });
  if (member.passwordHash !== known.passwordHash) throw new Refused('invalid_credentials');
  return member;
}
