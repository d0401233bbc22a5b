import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { Refused } from '#contracts/refusals';
import { assertRevision } from '#runtime/store/revision';
import { Member } from './entities.js';
import { lockOrganization } from './locked-organization.js';
import { memberView } from './member-view.js';

/** Attempts to sign in have 1 and 2. */
const EMAIL_LOCK = 3;

interface Which {
  readonly organization_id: string;
  readonly member_id: string;
  readonly expected_revision?: number;
}

/** One member of one tenant. The tenant is part of the predicate: an id of another's finds nothing. */
export async function findMember(db: DataSource | EntityManager, { organization_id, member_id }: Which) {
  const manager = 'manager' in db ? db.manager : db;
  const where = { id: member_id, organizationId: organization_id, removedAt: IsNull() };
  const member = await manager.findOneBy(Member, where);
  if (!member) throw new Refused('not_found', { message: 'There is no such member.' });
  return member;
}

/** The same, with nobody else changing who is who until the commit. */
export async function lockMember(db: EntityManager, which: Which): Promise<Member> {
  await lockOrganization(db, which.organization_id);
  const member = await findMember(db, which);
  assertRevision(member.revision, which.expected_revision);
  return member;
}

/** There is one e-mail to one member, over all tenants: it is what people sign in with. */
export async function memberByEmail(db: DataSource | EntityManager, email: string): Promise<Member | null> {
  return db
    .createQueryBuilder(Member, 'm')
    .where('lower(m.email) = lower(:email) AND m.removedAt IS NULL', { email })
    .getOne();
}

/** Before a member is made: of two who become one with the same e-mail at once, in whatever tenants, the second waits here. */
export async function assertEmailFree(db: EntityManager, email: string, param?: string): Promise<void> {
  await db.query('SELECT pg_advisory_xact_lock($1, hashtext(lower($2)))', [EMAIL_LOCK, email]);
  if (!(await memberByEmail(db, email))) return;
  throw new Refused('conflict', { message: `${email} is a member already. Sign in instead.`, param });
}

/** An organization without an owner could never be managed again. Asked under its lock. */
export async function assertAnotherOwner(db: EntityManager, { organizationId }: Member): Promise<void> {
  const owners = await db.countBy(Member, { organizationId, role: 'owner', removedAt: IsNull() });
  if (owners > 1) return;
  throw new Refused('conflict', {
    message: 'This is the last owner. Make somebody else an owner first.',
    details: { owners },
  });
}

/** What the audit log says of a member: what can be changed about them. */
export function auditedMember(member: Member): Record<string, unknown> {
  const { email, name, role } = memberView(member);
  return { email, name, role };
}
