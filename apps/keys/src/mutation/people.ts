import { Refused } from '#contracts/refusals';
import type { Role } from '#domain/access/scope';
import { mayAppoint } from '#domain/access/standing';
import type { Member } from '../store/entities.js';
import type { Actor } from './actors.js';

/** From what somebody is (null: nobody yet) to what they shall be (null: nobody any more). */
export function assertMayAppoint(who: Actor, from: Role | null, to: Role | null): void {
  if (mayAppoint(who, from, to)) return;
  const facts = { message: messageOf(who, from, to), details: { from, to } };
  throw new Refused(who.kind === 'key' ? 'permission_denied' : 'forbidden', facts);
}

function isOneself(who: Actor, member: Pick<Member, 'id'>): boolean {
  return who.name === `member:${member.id}`;
}

/** What concerns one member alone: they themselves, or somebody who manages them. */
export function assertOwnOrManages(who: Actor, member: Pick<Member, 'id' | 'role'>): void {
  if (!isOneself(who, member)) assertMayAppoint(who, member.role, member.role);
}

function messageOf(who: Actor, from: Role | null, to: Role | null): string {
  const asWhat = who.kind === 'key' ? 'An API key' : `Your role, ${who.role},`;
  return [from, to].includes('owner')
    ? `${asWhat} does not let you manage owners.`
    : `${asWhat} does not let you manage people.`;
}
