import type { Invitation as InvitationView } from '#contracts/people';
import type { Invitation } from './entities.js';

export function invitationView(invitation: Invitation, now: Date): InvitationView {
  const { id, email, role, invitedBy, createdAt, expiresAt } = invitation;
  return {
    id,
    email,
    role,
    invited_by: invitedBy,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
    status: statusOf(invitation, now),
  };
}

/** Read off the clock, like a key's: nothing has to happen for an invitation to end. */
function statusOf({ acceptedAt, revokedAt, expiresAt }: Invitation, now: Date): InvitationView['status'] {
  if (acceptedAt) return 'accepted';
  if (revokedAt) return 'revoked';
  return expiresAt <= now ? 'expired' : 'open';
}
