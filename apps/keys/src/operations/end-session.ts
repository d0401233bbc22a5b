import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, MoreThan } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';
import { Mutations } from '../mutation/mutations.js';
import { assertOwnOrManages } from '../mutation/people.js';
import { Member, Session } from '../store/entities.js';

type Request = Asked<typeof SessionsRpc.endSession>;

@Injectable()
export class EndSession {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof SessionsRpc.endSession>> {
    await this.mutations.run({
      name: 'endSession',
      organizationId: request.organization_id,
      needs: 'read',
      context,
      request,
      work: async ({ db, who, now, audit }) => {
        const { session, member } = await openSessionOf(db, request, now);
        assertOwnOrManages(who, member);
        await db.update(Session, { id: session.id }, { endedAt: now });
        audit({ action: 'session.end', subject: session.id, before: { member_id: member.id }, after: null });
        return null;
      },
    });
    return {};
  }
}

async function openSessionOf(db: EntityManager, { organization_id: organizationId, session_id }: Request, now: Date) {
  const alive = { id: session_id, endedAt: IsNull(), expiresAt: MoreThan(now) };
  const session = await db.findOneBy(Session, alive);
  const member = session && (await db.findOneBy(Member, { id: session.memberId, organizationId }));
  if (!session || !member) throw new Refused('not_found', { message: 'There is no such session.' });
  return { session, member };
}
