import type { EntityManager } from 'typeorm';
import { IsNull } from 'typeorm';
import { Refused } from '#contracts/refusals';
import { holds, type Role, SCOPES, type Scope, scopesOf } from '#domain/access/scope';
import { statusAt } from '#domain/key/key';
import { ApiKey, Member } from '../store/entities.js';

/** Who does something, and what they may do here. */
export interface Actor {
  /** `member:mem_…`, `key:key_…` or `service:<name>`. */
  readonly name: string;
  readonly kind: 'member' | 'key' | 'service';
  readonly scopes: readonly Scope[];
  /** Of a member; null for keys and services. */
  readonly role: Role | null;
}

/** Somebody who comes in by a door of their own (a password, an invitation), and so was known before the mutation began. */
export function asMember({ id, role }: Pick<Member, 'id' | 'role'>): Actor {
  return { name: `member:${id}`, kind: 'member', scopes: scopesOf(role), role };
}

/**
 * The actor of a call, as the database knows it at this moment: what somebody may do is decided where it is done. A
 * service on the bus is trusted with everything its NATS permissions let it ask for.
 */
export async function readActor(db: EntityManager, name: string, organizationId: string, now: Date): Promise<Actor> {
  const [kind, id = ''] = name.split(':');
  if (kind === 'service') return { name, kind, scopes: SCOPES, role: null };
  if (kind === 'member') {
    const member = await db.findOneBy(Member, { id, organizationId, removedAt: IsNull() });
    if (!member) throw new Refused('forbidden', { message: 'You are not a member of this organization.' });
    return asMember(member);
  }
  const key = await db.findOneBy(ApiKey, { id, organizationId, deletedAt: IsNull() });
  const usable =
    key &&
    statusAt(
      { disabledAt: key.disabledAt?.getTime() ?? null, expiresAt: key.expiresAt?.getTime() ?? null },
      now.getTime(),
    ) === 'active';
  if (!key || !usable)
    throw new Refused('permission_denied', { message: 'The API key that asks for this is not active.' });
  return { name, kind: 'key', scopes: key.scopes, role: null };
}

export function assertHolds(actor: Actor, needed: Scope): void {
  if (holds(actor.scopes, needed)) return;
  if (actor.role)
    throw new Refused('forbidden', { message: `Your role, ${actor.role}, does not allow this.`, details: { needed } });
  throw new Refused('permission_denied', {
    message: `This API key does not have the scope ${needed}.`,
    details: { needed },
  });
}
