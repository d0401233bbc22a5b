import type { Member as MemberView } from '#contracts/people';
import type { Member } from './entities.js';

export function memberView(member: Member): MemberView {
  const { id, organizationId, email, name, role, createdAt, lastSignInAt, revision } = member;
  return {
    id,
    organization_id: organizationId,
    email,
    name,
    role,
    created_at: createdAt.toISOString(),
    last_sign_in_at: lastSignInAt?.toISOString() ?? null,
    revision: Number(revision),
  };
}
