import { type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { Refused } from '#contracts/refusals';
import { holds, type Role, type Scope } from '#domain/access/scope';

/** What a route asks of whom; null: it is not for them at all. */
interface Needed {
  readonly key: Scope | null;
  readonly person: Scope;
}

/** As much of a caller as is needed here: somebody who has signed in has a role, a key has none. */
interface Asker {
  readonly member: { readonly role: Role } | null;
  readonly scopes: readonly Scope[];
}

const NEEDED = Symbol('needed');

/** The scope a route needs, of keys and, by their role, of people; another one of people where that is said. */
export const Needs = (key: Scope, person: Scope = key) => needs({ key, person });

/** A route about somebody who has signed in: no key has a session or a password. */
export const PeopleOnly = () => needs({ key: null, person: 'read' });

/** Where nothing is said, looking needs `read` and everything else `write`. */
export function neededBy(context: ExecutionContext, reflector: Reflector): Needed {
  const said = reflector.getAllAndOverride<Needed | undefined>(NEEDED, [context.getHandler(), context.getClass()]);
  if (said) return said;
  const { method } = context.switchToHttp().getRequest<{ method: string }>();
  const usual = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
  return { key: usual, person: usual };
}

export function assertMay({ member, scopes }: Asker, { key, person }: Needed): void {
  if (member) {
    if (holds(scopes, person)) return;
    throw new Refused('forbidden', {
      message: `Your role, ${member.role}, does not allow this.`,
      details: { needed: person },
    });
  }
  if (key === null)
    throw new Refused('permission_denied', { message: 'This is for people who have signed in, not for API keys.' });
  if (!holds(scopes, key))
    throw new Refused('permission_denied', {
      message: `This API key does not have the scope ${key}.`,
      details: { needed: key },
    });
}

function needs(needed: Needed) {
  return SetMetadata(NEEDED, needed);
}
