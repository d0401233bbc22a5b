import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, MoreThan } from 'typeorm';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';
import { Clock } from '#runtime/clock';
import { readActor } from '../mutation/actors.js';
import { assertOwnOrManages } from '../mutation/people.js';
import { Session } from '../store/entities.js';
import { findMember } from '../store/members.js';

@Injectable()
export class ListSessions {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  async run(
    request: Asked<typeof SessionsRpc.listSessions>,
    { actor }: CallContext,
  ): Promise<Answers<typeof SessionsRpc.listSessions>> {
    const now = this.clock.date();
    const who = await readActor(this.db.manager, actor, request.organization_id, now);
    const member = await findMember(this.db, request);
    // Where somebody signs in from is nobody's business but theirs, and of those who may end it.
    assertOwnOrManages(who, member);
    const sessions = await this.db.manager.find(Session, {
      where: { memberId: member.id, endedAt: IsNull(), expiresAt: MoreThan(now) },
      order: { id: 'DESC' },
      take: 100,
    });
    return {
      sessions: sessions.map(({ id, createdAt, expiresAt, lastSeenAt, origin }) => ({
        id,
        created_at: createdAt.toISOString(),
        expires_at: expiresAt.toISOString(),
        last_seen_at: lastSeenAt?.toISOString() ?? null,
        origin,
        current: id === request.current_session_id,
      })),
    };
  }
}
