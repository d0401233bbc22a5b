import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';
import { Clock } from '#runtime/clock';
import { asMember } from '../mutation/actors.js';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { type Invitation, Member } from '../store/entities.js';
import { openInvitations } from '../store/invitations.js';
import { join, newMemberId } from '../store/join.js';
import { lockMember, memberByEmail } from '../store/members.js';
import { openSession } from '../store/open-session.js';

type Request = Asked<typeof SessionsRpc.signInExternally>;
type Answer = Answers<typeof SessionsRpc.signInExternally>;

/**
 * A provider vouches for somebody. Whom it has named before is known by its name for them, whatever their e-mail is by
 * now; anybody else is found by an e-mail it has verified, and only then: anyone may call themselves anything.
 */
@Injectable()
export class SignInExternally {
  constructor(
    private readonly db: DataSource,
    private readonly mutations: Mutations,
    private readonly clock: Clock,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const externalIdentity = `${request.issuer} ${request.subject}`;
    const linked = await this.db.manager.findOneBy(Member, { externalIdentity, removedAt: IsNull() });
    if (linked) return this.enter(linked, context, async () => linked);
    if (!request.email_verified)
      throw new Refused('forbidden', { message: 'Your provider has not verified your e-mail.' });
    const member = await memberByEmail(this.db, request.email);
    if (member) return this.enter(member, context, (doing) => link(doing, member, request, externalIdentity));
    const invitation = await this.invitationFor(request.email);
    if (!invitation)
      throw new Refused('forbidden', { message: 'Nobody with this e-mail is a member here. Ask for an invitation.' });
    const credential = { name: request.name ?? request.email, passwordHash: null, externalIdentity };
    const newcomer = {
      id: newMemberId(this.clock.date()),
      role: invitation.role,
      organizationId: invitation.organizationId,
    };
    return this.enter(newcomer, context, (doing) => join(doing, invitation, newcomer.id, credential));
  }

  private async enter(
    who: Pick<Member, 'id' | 'role' | 'organizationId'>,
    context: CallContext,
    become: (doing: Doing) => Promise<Member>,
  ): Promise<Answer> {
    const { answer } = await this.mutations.run({
      name: 'signInExternally',
      organizationId: who.organizationId,
      needs: 'read',
      who: asMember(who),
      context: { ...context, idempotencyKey: undefined },
      request: null,
      work: async (doing) => openSession(doing, await become(doing), context.origin, 'oidc'),
    });
    return answer;
  }

  /** The newest, where several tenants have invited the same person. */
  private invitationFor(email: string): Promise<Invitation | null> {
    return openInvitations(this.db, this.clock.date())
      .andWhere('lower(i.email) = lower(:email)', { email })
      .orderBy('i.id', 'DESC')
      .getOne();
  }
}

/** From now on the member is known by the provider's own name for them. */
async function link({ db, audit }: Doing, known: Member, { issuer }: Request, identity: string): Promise<Member> {
  const member = await lockMember(db, { organization_id: known.organizationId, member_id: known.id });
  // The provider has given this e-mail to somebody else: they are not who was here before.
  if (member.externalIdentity?.startsWith(`${issuer} `) && member.externalIdentity !== identity)
    throw new Refused('forbidden', { message: 'Your provider knows this e-mail as somebody else.' });
  if (member.externalIdentity === identity) return member;
  await db.update(Member, { id: member.id }, { externalIdentity: identity });
  audit({ action: 'member.link', subject: member.id, before: null, after: { issuer } });
  return { ...member, externalIdentity: identity };
}
