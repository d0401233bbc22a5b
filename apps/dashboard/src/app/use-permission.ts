import { useQuery } from '@tanstack/react-query';
import { holds, type Scope, scopesOf } from '#domain/access/scope';
import { session } from '../api/session.js';
import { rolesWith } from '../parts/roles.js';

/** Whether my role allows it; where not, in a sentence. The server decides for itself: this only spares people the refusal. */
export function usePermission(needed: Scope): { allowed: boolean; reason: string } {
  const { data } = useQuery(session);
  const role = data?.member.role ?? 'viewer';
  return {
    allowed: holds(scopesOf(role), needed),
    reason: `Your role, ${role}, may look at this and not change it. It takes the role ${rolesWith(needed)}.`,
  };
}
