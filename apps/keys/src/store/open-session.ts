import { randomBytes } from 'node:crypto';
import { type EntityManager, In, IsNull, Not } from 'typeorm';
import type { Answers } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';
import { newId } from '#domain/id';
import type { Doing } from '../mutation/mutations.js';
import { Member, Session } from './entities.js';
import { memberView } from './member-view.js';

const SESSION_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** Somebody has come in, by whatever door. */
export async function openSession(
  { db, now, audit }: Pick<Doing, 'db' | 'now' | 'audit'>,
  member: Member,
  origin: string | undefined,
  by: 'password' | 'oidc' | 'invitation',
): Promise<Answers<typeof SessionsRpc.signIn>> {
  const session: Session = {
    id: newId('session', now.getTime(), randomBytes(10)),
    memberId: member.id,
    origin: origin ?? null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + SESSION_MILLISECONDS),
    lastSeenAt: now,
    endedAt: null,
  };
  await db.insert(Session, session);
  // No new revision: that somebody has come in is no change of theirs that an If-Match should fail over.
  await db.update(Member, { id: member.id }, { lastSignInAt: now });
  audit({ action: 'session.sign_in', subject: session.id, before: null, after: { member_id: member.id, by } });
  const view = memberView({ ...member, lastSignInAt: now });
  return { session_id: session.id, expires_at: session.expiresAt.toISOString(), member: view };
}

/** Ends every session of a member, but for the one they ask from; returns the ids of those that were open. */
export async function endSessions(db: EntityManager, memberId: string, now: Date, except?: string): Promise<string[]> {
  const open = await db.find(Session, {
    select: { id: true },
    where: { memberId, endedAt: IsNull(), ...(except ? { id: Not(except) } : {}) },
  });
  const ids = open.map((session) => session.id);
  if (ids.length) await db.update(Session, { id: In(ids) }, { endedAt: now });
  return ids;
}
