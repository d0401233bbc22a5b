import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, MoreThan } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';
import { Clock } from '#runtime/clock';
import { Member, Session } from '../store/entities.js';
import { memberView } from '../store/member-view.js';

/** "Last seen" is as exact as this, so that looking at the dashboard does not write a row for each request. */
const SEEN_MILLISECONDS = 60_000;

@Injectable()
export class GetSession {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  async run({ session_id }: Asked<typeof SessionsRpc.getSession>): Promise<Answers<typeof SessionsRpc.getSession>> {
    const now = this.clock.date();
    const alive = { id: session_id, endedAt: IsNull(), expiresAt: MoreThan(now) };
    const session = await this.db.manager.findOneBy(Session, alive);
    // Sessions end when their member is removed; one that was opened at that very moment is refused here.
    const member = session && (await this.db.manager.findOneBy(Member, { id: session.memberId, removedAt: IsNull() }));
    if (!session || !member)
      throw new Refused('unauthenticated', { message: 'This session has ended. Sign in again.' });
    await this.see(session, now);
    return { session_id, expires_at: session.expiresAt.toISOString(), member: memberView(member) };
  }

  private async see({ id, lastSeenAt }: Session, now: Date): Promise<void> {
    const before = new Date(now.getTime() - SEEN_MILLISECONDS);
    if (lastSeenAt !== null && lastSeenAt > before) return;
    // Of the requests of the same moment, one writes.
    await this.db.query(
      'UPDATE session SET last_seen_at = $2 WHERE id = $1 AND (last_seen_at IS NULL OR last_seen_at <= $3)',
      [id, now, before],
    );
  }
}
